"""Did the system kill for want of memory just now? The kernel counts such kills, in any control group; no more than
that is to be had without privileges."""

from __future__ import annotations

import time
from pathlib import Path

COUNTERS = Path("/proc/vmstat")
WINDOW = 10.0
"""Seconds between the system's kill and the end of a process that has much to give back."""


class MemoryWatch:
    """Look now and then while a process lives; `ran_out` once it has been killed."""

    def __init__(self, counters: Path = COUNTERS) -> None:
        self._counters = counters
        self._kills = self._count()
        self._risen_at = float("-inf")

    def look(self) -> None:
        kills = self._count()
        if kills > self._kills:
            self._kills, self._risen_at = kills, time.monotonic()

    def ran_out(self) -> bool:
        """Has the system killed something just now? False where it does not say."""
        self.look()
        return time.monotonic() - self._risen_at < WINDOW

    def _count(self) -> int:
        try:
            lines = self._counters.read_text().splitlines()
        except OSError:
            return 0
        return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
