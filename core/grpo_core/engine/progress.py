"""How far a command has come, on stderr: a bar that is written over on a terminal, elsewhere a line now and then."""

from __future__ import annotations

import time
from typing import TextIO

from grpo_core.views.numbers import duration

WIDTH = 30
PLAIN_SECONDS = 10.0


class ProgressBar:
    """Call it with how many of how many are done; the remaining time is what the pace so far says."""

    def __init__(self, stream: TextIO, unit: str) -> None:
        self._stream = stream
        self._unit = unit
        self._overwrites = stream.isatty()
        self._started = time.monotonic()
        self._written_at = float("-inf")
        self._last = -1

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        due = self._overwrites or done == total or now - self._written_at > PLAIN_SECONDS
        if done == self._last or not due:
            return
        self._last, self._written_at = done, now
        line = self._line(done, total, now - self._started)
        end = "\n" if done == total or not self._overwrites else ""
        self._stream.write(f"\r\x1b[2K{line}{end}" if self._overwrites else line + end)
        self._stream.flush()

    def _line(self, done: int, total: int, seconds: float) -> str:
        filled = WIDTH * done // max(1, total)
        left = duration(seconds / done * (total - done)) if done else "—"
        return f"{'█' * filled}{'·' * (WIDTH - filled)} {done} of {total} {self._unit}, {left} left"
