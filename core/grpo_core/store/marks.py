"""`marks.db`: what a person thinks of single completions: that the verifier judged wrongly, or that something is odd.

It lies in the run's folder and goes where the run goes. Any number of screens may write it; the trainer never does.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import apsw

from grpo_core.errors import StoreError
from grpo_core.store.codec import dump_json, pack_text, unpack_text
from grpo_core.store.connection import open_writer, transaction
from grpo_core.store.reader import RunReader
from grpo_core.types import Json

MarkKind = Literal["verifier_wrong", "suspicious"]
MARKS_DB = "marks.db"
MARK_MIGRATIONS = [
    """
    CREATE TABLE marks (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        group_id INTEGER NOT NULL,
        completion INTEGER NOT NULL,
        kind TEXT NOT NULL,
        note BLOB NOT NULL,
        who BLOB NOT NULL,
        at REAL NOT NULL,
        UNIQUE (group_id, completion)
    );
    """,
]
_COLUMNS = "number, group_id, completion, kind, note, who, at"
_PAGE = 200


@dataclass(frozen=True, slots=True)
class Mark:
    """One judgement on completion `index` of a group, by `who`, `at` (epoch seconds). `number` grows with time."""

    number: int
    group: int
    index: int
    kind: MarkKind
    note: str
    who: str
    at: float

    def to_json(self) -> Json:
        return {
            "number": self.number,
            "group": self.group,
            "index": self.index,
            "kind": self.kind,
            "note": self.note,
            "who": self.who,
            "at": self.at,
        }


class MarksDb:
    """The marks of one run; open one per process and thread, and close it. The file is made with the first mark:
    until then every question has an empty answer, in a folder that nobody may write too."""

    def __init__(self, run_dir: Path) -> None:
        self._path = run_dir / MARKS_DB
        self._db: apsw.Connection | None = None

    def __enter__(self) -> MarksDb:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._db:
            self._db.close()
            self._db = None

    def set(self, group: int, index: int, kind: MarkKind, note: str = "", who: str = "") -> Mark:
        """Mark a completion; a mark that it has is replaced. Raises StoreError for an unknown kind."""
        if kind not in get_args(MarkKind):
            raise StoreError(f"A mark is one of {', '.join(get_args(MarkKind))}, not {kind}.")
        db = self._opened()
        at = time.time()
        with transaction(db):
            db.execute(
                "INSERT OR REPLACE INTO marks (group_id, completion, kind, note, who, at) VALUES (?, ?, ?, ?, ?, ?)",
                (group, index, kind, pack_text(note), pack_text(who), at),
            )
            number = db.last_insert_rowid()
        return Mark(number, group, index, kind, note, who, at)

    def clear(self, group: int, index: int) -> bool:
        """Take a mark back; False if there was none."""
        db = self._if_there()
        if db is None:
            return False
        with transaction(db):
            db.execute("DELETE FROM marks WHERE group_id = ? AND completion = ?", (group, index))
        return db.changes() == 1

    def of_groups(self, first: int, last: int) -> list[Mark]:
        """The marks of the groups with these ids, both ends in, by group and completion: what a list shows."""
        return self._read("WHERE group_id BETWEEN ? AND ? ORDER BY group_id, completion", (first, last))

    def page(self, kind: MarkKind | None = None, before: int | None = None, limit: int = 50) -> list[Mark]:
        """Newest first; `before` is the number of the last mark of the page before."""
        return self._read(
            "WHERE (?1 IS NULL OR kind = ?1) AND (?2 IS NULL OR number < ?2) ORDER BY number DESC LIMIT ?3",
            (kind, before, limit),
        )

    def count(self, kind: MarkKind | None = None) -> int:
        db = self._if_there()
        return (
            0
            if db is None
            else int(db.execute("SELECT count(*) FROM marks WHERE ?1 IS NULL OR kind = ?1", (kind,)).get)
        )

    def data_version(self) -> int:
        """A number that changes when another connection has changed a mark; 0 while there are none."""
        db = self._if_there()
        return 0 if db is None else int(db.pragma("data_version"))

    def _opened(self) -> apsw.Connection:
        self._db = self._db or open_writer(self._path, MARK_MIGRATIONS)
        return self._db

    def _if_there(self) -> apsw.Connection | None:
        return self._opened() if self._db or self._path.is_file() else None

    def _read(self, rest: str, values: tuple[Any, ...]) -> list[Mark]:
        db = self._if_there()
        rows: list[Any] = [] if db is None else db.execute(f"SELECT {_COLUMNS} FROM marks {rest}", values).fetchall()
        return [
            Mark(number, group, index, kind, unpack_text(note), unpack_text(who), at)
            for number, group, index, kind, note, who, at in rows
        ]


def export_marks(run: str, reader: RunReader, marks: MarksDb, kind: MarkKind | None = None) -> Iterator[str]:
    """JSON Lines, newest mark first, each a case that `grpo-dash verify --cases` takes: id (a reference to the
    completion), gold, completion, steps, and `meta` with the mark, its note, and how it was judged at the time."""
    before = None
    while page := marks.page(kind, before, _PAGE):
        for mark in page:
            if case := _case(run, reader, mark):
                yield dump_json(case)
        before = page[-1].number


def _case(run: str, reader: RunReader, mark: Mark) -> Json | None:
    group = reader.group(mark.group)
    if group is None or mark.index >= len(group.completions):
        return None
    completion = group.completions[mark.index]
    return {
        "id": f"{run}/group/{mark.group}/k/{mark.index}",
        "gold": group.problem.gold,
        "completion": completion.text,
        "steps": list(group.problem.steps),
        "meta": {
            "mark": mark.kind,
            "note": mark.note,
            "who": mark.who,
            "at": mark.at,
            "outcome": completion.verdict.outcome if completion.verdict else None,
            "reason": completion.verdict.reason if completion.verdict else None,
            "prompt": group.problem.prompt,
        },
    }
