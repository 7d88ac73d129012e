"""How fast one thread of this process reads memory."""

from __future__ import annotations

import time

import numpy as np

BYTES = 10**9
COLUMNS = 1000


class Reader:
    """Reads an array that no cache can hold, in several simple ways; the best
    counts. The caller holds numpy's threads at one."""

    def __init__(self) -> None:
        array = np.ones(BYTES // 4, dtype=np.float32)
        matrix, vector = array.reshape(-1, COLUMNS), np.ones(COLUMNS, dtype=np.float32)
        words = array.view(np.uint64)
        self._kernels = {
            "sum": lambda: array.sum(),
            "maximum": lambda: array.max(),
            "bitwise or": lambda: np.bitwise_or.reduce(words),
            "dot product": lambda: array @ array,
            "matrix times vector": lambda: matrix @ vector,
        }
        # Bytes a second.
        self.best: dict[str, float] = dict.fromkeys(self._kernels, 0.0)

    def read(self) -> None:
        """Each way once."""
        for name, kernel in self._kernels.items():
            start = time.perf_counter()
            kernel()
            self.best[name] = max(self.best[name], BYTES / (time.perf_counter() - start))

    def fastest(self) -> float:
        return max(self.best.values())
