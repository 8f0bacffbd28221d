"""What a person thinks of single completions, as both screens follow it and set it."""

from __future__ import annotations

from pathlib import Path

from grpo_core.store import Mark, MarksDb
from grpo_core.store.marks import MarkKind
from grpo_core.types import Json

FOLLOWED_MARKS = 500
"""The newest ones, which every viewer gets; the store has all."""
LONGEST_NOTE = 2000


class MarkLog:
    """The newest marks of a run, read again only when one changed; use from one thread."""

    def __init__(self, run_dir: Path) -> None:
        self._marks = MarksDb(run_dir)
        self._version: int | None = None

    def poll(self) -> list[Json] | None:
        """Newest first; None if they are what was given last."""
        version = self._marks.data_version()
        if version == self._version:
            return None
        self._version = version
        return [mark.to_json() for mark in self._marks.page(limit=FOLLOWED_MARKS)]

    def close(self) -> None:
        self._marks.close()


def set_mark(marks: MarksDb, group: int, index: int, kind: MarkKind | None, note: str, who: str) -> Mark | None:
    """Mark a completion in place of the mark that it has; a `kind` of None takes that back."""
    if kind is None:
        marks.clear(group, index)
        return None
    return marks.set(group, index, kind, note.strip()[:LONGEST_NOTE], who)
