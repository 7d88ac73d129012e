"""A gallery of made-up samples, in a service."""

from __future__ import annotations

import numpy as np

from client import SAMPLES_A_CALL, Client
from synthetic import Clusters


class Filling:
    """Labels in turn get a sample each; a cluster is a label."""

    def __init__(self, client: Client, clusters: Clusters, labels: int) -> None:
        self._client = client
        self._clusters = clusters
        self._labels = [client.create_label(f"Product {number + 1}").id for number in range(labels)]
        self.samples = 0

    def up_to(self, samples: int) -> None:
        """Adds what is missing, and waits until it counts in all."""
        while self.samples < samples:
            # Made as they are sent: a large gallery would not fit in here as well.
            until = min(self.samples + SAMPLES_A_CALL, samples)
            of = np.arange(self.samples, until) % len(self._labels)
            self._client.teach([self._labels[label] for label in of], self._clusters.points(of)[:, np.newaxis])
            self.samples = until
        self._client.wait_until_current()
