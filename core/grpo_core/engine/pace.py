"""How fast a run goes, evaluations and saving included; pauses not, nor the time in which its process was stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

TICK_SECONDS = 0.5
LONGEST_TICK = 5.0
"""A process that does not come to a tick for so long was stopped (SIGSTOP, a debugger, a machine asleep)."""


class AwakeClock:
    """Seconds that go on only while the process does: something has to call `tick` about every TICK_SECONDS."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._seen = clock()
        self._stopped = 0.0

    def now(self) -> float:
        with self._lock:
            now = self._clock()
            gap = now - self._seen
            if gap > LONGEST_TICK:
                self._stopped += gap - TICK_SECONDS
            self._seen = now
            return now - self._stopped

    def tick(self) -> None:
        self.now()


class Pace:
    """Counts from the first step of this process until `end`."""

    def __init__(self, clock: AwakeClock | None = None) -> None:
        self._clock = clock or AwakeClock()
        self._first_step: int | None = None
        self._began = 0.0
        self._paused = 0.0
        self._ended = threading.Event()

    def begin(self, step: int) -> None:
        """A step begins after `step` finished ones; only the first call counts."""
        if self._first_step is None:
            self._first_step, self._began = step, self._clock.now()
            threading.Thread(target=self._tick, name="pace", daemon=True).start()

    def end(self) -> None:
        self._ended.set()

    @contextmanager
    def paused(self) -> Iterator[None]:
        start = self._clock.now()
        try:
            yield
        finally:
            self._paused += self._clock.now() - start

    def seconds_per_step(self, step: int) -> float | None:
        """The mean since the first step; None before one is finished."""
        steps = step - (self._first_step or 0)
        return (self._clock.now() - self._began - self._paused) / steps if steps > 0 else None

    def _tick(self) -> None:
        while not self._ended.wait(TICK_SECONDS):
            self._clock.tick()
