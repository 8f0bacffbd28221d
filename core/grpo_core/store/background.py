"""A thread that does the storing, so that the trainer's own thread only hands over.

What is handed over is done in order. If the storing fails the next hand-over raises, so that nobody trains on for
hours with nothing kept.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from grpo_core.errors import StoreError

Job = Callable[[], None]
_LIMIT = 4096
"""Jobs that may wait; beyond this the trainer waits for the disk instead of filling memory."""


class BackgroundWriter:
    """Runs jobs one after another in one thread of its own. Close it to flush."""

    def __init__(self, name: str = "store") -> None:
        self._jobs: queue.Queue[Job | threading.Event | None] = queue.Queue(_LIMIT)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Hand over; raises StoreError if an earlier job failed."""
        self._raise_if_failed()
        self._jobs.put(job)

    def flush(self) -> None:
        """Wait until everything handed over so far is done; raises StoreError if any of it failed."""
        reached = threading.Event()
        self._jobs.put(reached)
        reached.wait()
        self._raise_if_failed()

    def close(self) -> None:
        """Flush and end the thread; raises StoreError if any job failed."""
        self._jobs.put(None)
        self._thread.join()
        self._raise_if_failed()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            if isinstance(job, threading.Event):
                job.set()
            elif self._error is None:
                self._run(job)

    def _run(self, job: Job) -> None:
        try:
            job()
        except Exception as error:  # noqa: BLE001 - the edge of a thread: kept, and raised in the trainer's
            self._error = error

    def _raise_if_failed(self) -> None:
        if self._error is not None:
            raise StoreError(f"The run cannot be stored any more: {self._error}") from self._error
