"""`playground.db`: every question that was asked in the playground, with the completions it got.

A question is stored when it is asked and its completions when they are there, so that neither is lost with a page.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grpo_core.store.codec import dump_json, pack_json, unpack_json
from grpo_core.store.connection import open_writer, transaction
from grpo_core.store.questions import Question, Seat
from grpo_core.types import Completion, Json

PLAYGROUND_MIGRATIONS = [
    """
    CREATE TABLE questions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        asked_at REAL NOT NULL,
        body BLOB NOT NULL,
        seconds REAL,
        error TEXT
    );
    CREATE TABLE answers (
        question INTEGER NOT NULL REFERENCES questions (id),
        number INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (question, number)
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE questions ADD COLUMN comparison TEXT;
    ALTER TABLE questions ADD COLUMN side INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX questions_by_comparison ON questions (comparison) WHERE comparison IS NOT NULL;
    """,
]
_COLUMNS = "id, asked_at, body, seconds, error, comparison"
_PAGE = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of the history. `asked_at` is in epoch seconds; `seconds` is None while (or if never) answered;
    `error` says why it failed. A completion that was cut off has no finish reason and no verdict. `beside` are the
    other sides of a comparison."""

    id: int
    asked_at: float
    question: Question
    completions: tuple[Completion, ...]
    seconds: float | None
    error: str | None
    beside: tuple[Asked, ...] = ()

    @property
    def is_cut_short(self) -> bool:
        """Answered, but somebody cancelled before it was whole."""
        unfinished = any(each.finish_reason is None and each.verdict is None for each in self.completions)
        whole = len(self.completions) >= self.question.k and not unfinished
        return self.seconds is not None and self.error is None and not whole

    def to_json(self) -> Json:
        return {
            "id": self.id,
            "asked_at": self.asked_at,
            "question": self.question.to_json(),
            "completions": [completion.to_json() for completion in self.completions],
            "seconds": self.seconds,
            "error": self.error,
            "beside": [asked.to_json() for asked in self.beside],
        }


class PlaygroundDb:
    """The history of a runs folder; open one per process and thread, and close it."""

    def __init__(self, runs_dir: Path) -> None:
        runs_dir.mkdir(parents=True, exist_ok=True)
        self._db = open_writer(runs_dir / "playground.db", PLAYGROUND_MIGRATIONS)

    def __enter__(self) -> PlaygroundDb:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._db.close()

    def begin(self, question: Question, seat: Seat | None = None) -> int:
        """Store what is asked now, and where it stands in a comparison; its id."""
        comparison, side = (seat.comparison, seat.side) if seat else (None, 0)
        with transaction(self._db):
            self._db.execute(
                "INSERT INTO questions (asked_at, body, comparison, side) VALUES (?, ?, ?, ?)",
                (time.time(), pack_json(question.to_json()), comparison, side),
            )
        return self._db.last_insert_rowid()

    def finish(
        self, question_id: int, completions: Sequence[Completion], seconds: float, error: str | None = None
    ) -> None:
        """Store what came of it."""
        with transaction(self._db):
            self._db.execute(
                "UPDATE questions SET seconds = ?, error = ? WHERE id = ?",
                (seconds, None if error is None else _storable(error), question_id),
            )
            self._db.executemany(
                "INSERT OR REPLACE INTO answers VALUES (?, ?, ?)",
                [(question_id, each.index, pack_json(each.to_json())) for each in completions],
            )

    def page(self, before: int | None = None, limit: int = 50) -> list[Asked]:
        """Newest first, a comparison as one entry; `before` is the last id of the page before."""
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM questions WHERE side = 0 AND (?1 IS NULL OR id < ?1) ORDER BY id DESC LIMIT ?2",
            (before, limit),
        ).fetchall()
        return [self._with_others(row) for row in rows]

    def get(self, question_id: int) -> Asked | None:
        row = self._db.execute(f"SELECT {_COLUMNS} FROM questions WHERE id = ?", (question_id,)).fetchone()
        return self._asked(row) if row else None

    def export_lines(self) -> Iterator[str]:
        """JSON Lines, one completion a line, newest question first; lines end without a newline."""
        before = None
        while page := self.page(before, _PAGE):
            for asked in page:
                for side in (asked, *asked.beside):
                    yield from (dump_json(row) for row in _exported(side))
            before = page[-1].id

    def _with_others(self, row: tuple[Any, ...]) -> Asked:
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM questions WHERE comparison = ? AND side > 0 ORDER BY side", (row[-1],)
        ).fetchall()
        return replace(self._asked(row), beside=tuple(self._asked(other) for other in rows))

    def _asked(self, row: tuple[Any, ...]) -> Asked:
        id_, asked_at, body, seconds, error, _ = row
        answers = self._db.execute("SELECT body FROM answers WHERE question = ? ORDER BY number", (id_,))
        completions = tuple(Completion.from_json(unpack_json(blob)) for (blob,) in answers)
        return Asked(id_, asked_at, Question.from_json(unpack_json(body)), completions, seconds, error)


def _storable(text: str) -> str:
    """SQLite's text takes no lone surrogates."""
    return text.encode("utf-8", "replace").decode()


def _exported(asked: Asked) -> Iterator[Json]:
    settings = asked.question.to_json()
    subject, prompt = settings.pop("subject"), settings.pop("prompt")
    for completion in asked.completions:
        yield {
            "question": asked.id,
            "asked_at": asked.asked_at,
            "subject": subject,
            "prompt": prompt,
            "settings": settings,
            "index": completion.index,
            "text": completion.text,
            "token_count": completion.token_count,
            "finish_reason": completion.finish_reason,
            "verdict": completion.verdict.to_json() if completion.verdict else None,
        }
