"""A thread that does the storing, so that the trainer's own thread only hands over.

What is handed over is done in order. A full disk is waited for: the job that found it full is tried again until there
is room, and nothing is lost. If the storing fails otherwise the next hand-over raises, so that nobody trains on for
hours with nothing kept.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable

from grpo_core.errors import StoreError
from grpo_core.store.room import is_full

_log = logging.getLogger(__name__)
Job = Callable[[], None]
_LIMIT = 4096
"""Jobs that may wait; beyond this the trainer waits for the disk instead of filling memory."""
RETRY_SECONDS = 0.5
"""Between two tries of a job for which the disk had no room."""


class BackgroundWriter:
    """Runs jobs one after another in one thread of its own. Close it to flush.

    `waits_for_room` is true while the disk is full; `flush` and `close` wait for room too.
    """

    def __init__(self, name: str = "store") -> None:
        self._jobs: queue.Queue[Job | threading.Event | None] = queue.Queue(_LIMIT)
        self._error: BaseException | None = None
        self.waits_for_room = False
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
            while not self._done(job):
                time.sleep(RETRY_SECONDS)
        except Exception as error:  # noqa: BLE001 - the edge of a thread: kept, and raised in the trainer's
            self._error = error

    def _done(self, job: Job) -> bool:
        """False if the disk has no room for it: then it has left no trace."""
        try:
            job()
        except Exception as error:
            if not is_full(error):
                raise
            if not self.waits_for_room:
                _log.warning("the disk is full: what was sampled is kept until there is room (%s)", error)
            self.waits_for_room = True
            return False
        self.waits_for_room = False
        return True

    def _raise_if_failed(self) -> None:
        if self._error is not None:
            raise StoreError(f"The run cannot be stored any more: {self._error}") from self._error
