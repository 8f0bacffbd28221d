"""How fast a run goes, evaluations and saving included, pauses not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Pace:
    """Counts from the first step of this process."""

    def __init__(self) -> None:
        self._first_step: int | None = None
        self._began = 0.0
        self._paused = 0.0

    def begin(self, step: int) -> None:
        """A step begins after `step` finished ones; only the first call counts."""
        if self._first_step is None:
            self._first_step, self._began = step, time.monotonic()

    @contextmanager
    def paused(self) -> Iterator[None]:
        start = time.monotonic()
        try:
            yield
        finally:
            self._paused += time.monotonic() - start

    def seconds_per_step(self, step: int) -> float | None:
        """The mean since the first step; None before one is finished."""
        steps = step - (self._first_step or 0)
        return (time.monotonic() - self._began - self._paused) / steps if steps > 0 else None
