"""Search indexes that stay open between two questions: somebody who types asks at every letter.

Opening one costs more than most searches, and closing the only one makes SQLite tidy up its log.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grpo_core.store.search import SEARCH_DB, SearchIndex

REST_SECONDS = 20.0
"""An index that nobody asks for so long is closed."""

_Identity = tuple[tuple[int, int], ...]


class OpenIndexes:
    """At most one idle index a run. Whoever borrows one has it alone, and for any thread there is another."""

    def __init__(self, rest_seconds: float = REST_SECONDS) -> None:
        self._rest_seconds = rest_seconds
        self._lock = threading.Lock()
        self._idle: dict[Path, tuple[SearchIndex, _Identity, threading.Timer]] = {}

    @contextmanager
    def borrow(self, run_dir: Path) -> Iterator[SearchIndex]:
        """The run's index, open. Raises StoreError, as SearchIndex does."""
        index = self._take(run_dir) or SearchIndex(run_dir)
        try:
            yield index
        except BaseException:
            index.close()
            raise
        self._put_back(run_dir, index)

    def _take(self, run_dir: Path) -> SearchIndex | None:
        with self._lock:
            index, identity, timer = self._idle.pop(run_dir, (None, (), None))
        if index is None or timer is None:
            return None
        timer.cancel()
        if identity == _identity(run_dir):
            return index
        index.close()  # of a run that was deleted, or an index that was thrown away
        return None

    def _put_back(self, run_dir: Path, index: SearchIndex) -> None:
        identity = _identity(run_dir)
        timer = threading.Timer(self._rest_seconds, self._close, [run_dir, index])
        timer.daemon = True
        with self._lock:
            kept = bool(identity) and run_dir not in self._idle
            if kept:
                self._idle[run_dir] = index, identity, timer
                timer.start()
        if not kept:
            index.close()

    def _close(self, run_dir: Path, index: SearchIndex) -> None:
        """Unless somebody has taken it in the meantime."""
        with self._lock:
            if self._idle.get(run_dir, (None,))[0] is not index:
                return
            del self._idle[run_dir]
        index.close()


def _identity(run_dir: Path) -> _Identity:
    """Which files these are, whatever their names; empty once they are gone."""
    try:
        found = [(run_dir / name).stat() for name in ("run.db", SEARCH_DB)]
    except OSError:
        return ()
    return tuple((one.st_dev, one.st_ino) for one in found)
