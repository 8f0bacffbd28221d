"""Keeping a database's write-ahead log short, also while readers come and go all the time.

SQLite moves the log's pages into the database as it goes, but begins the log anew only at a moment without readers.
With many screens there may be none for hours, and the log would grow: so a long one makes readers wait for one.
"""

from __future__ import annotations

import apsw

PASSIVE_PAGES = 1000
LONG_PAGES = 4096
_PATIENCE_MS = 200
"""How long such a moment is waited for; a reader that is stuck costs no more than this now and then."""


class WalKeeper:
    """Looks after the log of one writer's connection."""

    def __init__(self, connection: apsw.Connection, busy_timeout_ms: int) -> None:
        self._busy_timeout_ms = busy_timeout_ms
        self._next_try = LONG_PAGES
        connection.set_wal_hook(self._after_commit)

    def _after_commit(self, connection: apsw.Connection, name: str, pages: int) -> int:
        """Called with the log's length. What fails here is tried again after a later commit; the commit stands."""
        try:
            if pages >= PASSIVE_PAGES:
                connection.wal_checkpoint(name, apsw.SQLITE_CHECKPOINT_PASSIVE)
            if pages < LONG_PAGES:
                self._next_try = LONG_PAGES
            elif pages >= self._next_try:
                self._next_try = pages + PASSIVE_PAGES
                self._begin_anew(connection, name)
        except apsw.Error:
            pass
        return apsw.SQLITE_OK

    def _begin_anew(self, connection: apsw.Connection, name: str) -> None:
        connection.set_busy_timeout(_PATIENCE_MS)
        try:
            connection.wal_checkpoint(name, apsw.SQLITE_CHECKPOINT_RESTART)
        finally:
            connection.set_busy_timeout(self._busy_timeout_ms)
