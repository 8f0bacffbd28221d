"""`control.db`: what people ask of runs, as rows that the run's trainer acknowledges at its next safe step.

Any process may ask; each command is applied at most once, and every one stays as a record of who asked what.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from grpo_core.store.codec import dump_json
from grpo_core.store.connection import open_writer, transaction

CommandKind = Literal["pause", "resume", "suspend", "stop", "checkpoint", "evaluate", "generate"]

UNDER_WAY: dict[CommandKind, str] = {"checkpoint": "saving", "evaluate": "evaluating", "generate": "answering"}
"""The result of a command that takes a while, from its acknowledgement until it is known what came of it."""
CONTROL_MIGRATIONS = [
    """
    CREATE TABLE commands (
        id INTEGER PRIMARY KEY,
        run TEXT NOT NULL,
        kind TEXT NOT NULL,
        arguments TEXT NOT NULL,
        issuer TEXT NOT NULL,
        created_at REAL NOT NULL,
        acknowledged_at REAL,
        result TEXT
    );
    CREATE INDEX open_commands ON commands (run, id) WHERE acknowledged_at IS NULL;
    """,
]


@dataclass(frozen=True, slots=True)
class Command:
    """One thing asked of one run. `acknowledged_at` (epoch seconds) and `result` are None until it was applied."""

    id: int
    run: str
    kind: CommandKind
    arguments: dict[str, Any]
    issuer: str
    created_at: float
    acknowledged_at: float | None = None
    result: str | None = None


class ControlDb:
    """The commands of a runs folder; open one per process and thread."""

    def __init__(self, runs_dir: Path) -> None:
        self._db = open_writer(runs_dir / "control.db", CONTROL_MIGRATIONS)

    def close(self) -> None:
        self._db.close()

    def issue(self, run: str, kind: CommandKind, issuer: str, arguments: dict[str, Any] | None = None) -> int:
        """Ask; the command's id."""
        with transaction(self._db):
            self._db.execute(
                "INSERT INTO commands (run, kind, arguments, issuer, created_at) VALUES (?, ?, ?, ?, ?)",
                (run, kind, dump_json(arguments or {}), issuer, time.time()),
            )
        return self._db.last_insert_rowid()

    def pending(self, run: str) -> list[Command]:
        """What is not acknowledged yet, oldest first."""
        rows = self._db.execute("SELECT * FROM commands WHERE run = ? AND acknowledged_at IS NULL ORDER BY id", (run,))
        return [_command(row) for row in rows]

    def acknowledge(self, command_id: int, result: str) -> bool:
        """Mark as applied; False if it was already, so that nobody applies a command twice."""
        with transaction(self._db):
            self._db.execute(
                "UPDATE commands SET acknowledged_at = ?, result = ? WHERE id = ? AND acknowledged_at IS NULL",
                (time.time(), result, command_id),
            )
        return self._db.changes() == 1

    def finish(self, command_id: int, result: str) -> None:
        """Replace an acknowledged command's result, for one that takes a while and says what came of it."""
        with transaction(self._db):
            self._db.execute(
                "UPDATE commands SET result = ? WHERE id = ? AND acknowledged_at IS NOT NULL", (result, command_id)
            )

    def end_open(self, run: str, result: str) -> None:
        """Give this result to all that is not acknowledged, or is still under way: its trainer has ended."""
        words = tuple(UNDER_WAY.values())
        with transaction(self._db):
            self._db.execute(
                "UPDATE commands SET acknowledged_at = coalesce(acknowledged_at, ?), result = ? "
                f"WHERE run = ? AND (acknowledged_at IS NULL OR result IN ({', '.join('?' * len(words))}))",
                (time.time(), result, run, *words),
            )

    def find(self, command_id: int) -> Command | None:
        row = self._db.execute("SELECT * FROM commands WHERE id = ?", (command_id,)).fetchone()
        return _command(row) if row else None

    def history(self, run: str, limit: int = 100) -> list[Command]:
        """Newest first."""
        rows = self._db.execute("SELECT * FROM commands WHERE run = ? ORDER BY id DESC LIMIT ?", (run, limit))
        return [_command(row) for row in rows]


def _command(row: tuple[Any, ...]) -> Command:
    id_, run, kind, arguments, issuer, created_at, acknowledged_at, result = row
    return Command(id_, run, kind, json.loads(arguments), issuer, created_at, acknowledged_at, result)
