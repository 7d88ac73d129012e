"""Free loopback ports."""

from __future__ import annotations

import random
import socket
from pathlib import Path

LOWEST = 20_000


def free_addresses(count: int) -> list[str]:
    """HOST:PORT each."""
    # Outside the range from which the kernel takes the ports of outgoing
    # connections: there a free port could be given to one at any moment.
    highest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    span = range(LOWEST, max(LOWEST + 2_000, min(highest, 60_000)))
    free = (port for port in random.sample(span, len(span)) if _is_free(port))
    return [f"127.0.0.1:{next(free)}" for _ in range(count)]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
