"""Reading a run's database while it is written: newest groups, one group whole, and what changed since a cursor.

A reader never blocks the writer; each call sees one consistent moment.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grpo_core.store.codec import unpack_json, unpack_text
from grpo_core.store.connection import open_reader
from grpo_core.store.schema import COMPLETIONS_PER_GROUP, RUN_MIGRATIONS
from grpo_core.store.writer import OUTCOME_LETTERS
from grpo_core.types import Completion, Evaluation, Group, Problem, Verdict

_OUTCOMES = {letter: outcome for outcome, letter in OUTCOME_LETTERS.items()}
_GROUP_COLUMNS = (
    "g.id, g.revision, g.step, g.split, g.decoding, g.superseded, g.size, g.mean, g.std, g.signal, g.outcomes,"
    " g.rewards, g.created_at, p.body"
)
_GROUP_FROM = "FROM groups AS g JOIN problems AS p ON p.number = g.problem"


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group as a list shows it, without its completions' texts. `outcomes` has an entry a completion, None where
    nothing judged it; `rewards` likewise."""

    id: int
    revision: int
    step: int
    split: str
    decoding: str
    superseded: bool
    size: int
    mean: float | None
    std: float | None
    signal: str | None
    outcomes: tuple[str | None, ...]
    rewards: tuple[float | None, ...]
    created_at: float
    problem: Problem


class RunReader:
    """A read-only view of one run; not for sharing between threads."""

    def __init__(self, path: Path) -> None:
        self._db = open_reader(path, RUN_MIGRATIONS)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything read inside is of one moment."""
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.execute("ROLLBACK")

    def data_version(self) -> int:
        """A number that changes when another connection has committed: the cheap question before any other."""
        return int(self._db.pragma("data_version"))

    def counters(self) -> dict[str, int]:
        """`revision`, `groups` and `completions`."""
        return dict(self._db.execute("SELECT name, value FROM counters"))

    def facts(self) -> dict[str, Any]:
        return {key: json.loads(value) for key, value in self._db.execute("SELECT key, value FROM facts")}

    def group_rows(
        self,
        *,
        before: int | None = None,
        after: int | None = None,
        limit: int = 20,
        split: str | None = None,
    ) -> list[GroupRow]:
        """Newest first; `before` and `after` are ids, exclusive: the keyset of the next page."""
        conditions = ["g.id < ?", "g.id > ?"]
        values: list[Any] = [before if before is not None else 1 << 62, after if after is not None else -1]
        if split:
            conditions.append("g.split = ?")
            values.append(split)
        return self._group_rows(f"WHERE {' AND '.join(conditions)} ORDER BY g.id DESC LIMIT ?", [*values, limit])

    def group_rows_of_step(self, step: int, limit: int = 1000) -> list[GroupRow]:
        return self._group_rows("WHERE g.step = ? ORDER BY g.id DESC LIMIT ?", [step, limit])

    def group_rows_of_problem(self, problem_id: str, limit: int = 1000) -> list[GroupRow]:
        return self._group_rows("WHERE p.id = ? ORDER BY g.id DESC LIMIT ?", [problem_id, limit])

    def evaluation_rows(self, step: int) -> list[GroupRow]:
        """Every group of the evaluation after this step, in the order in which they were sampled."""
        return self._group_rows("WHERE g.step = ? AND g.split = 'eval' AND NOT g.superseded ORDER BY g.id", [step])

    def group_rows_changed_since(self, revision: int, limit: int = 200) -> list[GroupRow]:
        """The newest `limit` groups that were added or filled in after `revision`, oldest change first."""
        return self._group_rows("WHERE g.revision > ? ORDER BY g.revision DESC, g.id DESC LIMIT ?", [revision, limit])[
            ::-1
        ]

    def group(self, group_id: int) -> Group | None:
        """One group whole, or None if there is none of this id."""
        rows = self._group_rows("WHERE g.id = ?", [group_id])
        return self._with_completions(rows[0]) if rows else None

    def groups(self, limit: int) -> list[Group]:
        """The newest groups whole, newest first."""
        return [self._with_completions(row) for row in self.group_rows(limit=limit)]

    def metrics_since(self, revision: int = 0) -> dict[str, list[tuple[int, float]]]:
        """TRL's metrics, verbatim keys, each a series by step: all, or those logged after `revision`."""
        rows = self._db.execute(
            "SELECT k.key, m.step, m.value FROM metrics AS m JOIN metric_keys AS k ON k.number = m.key"
            " WHERE m.revision > ? ORDER BY m.key, m.step",
            (revision,),
        )
        series: dict[str, list[tuple[int, float]]] = {}
        for key, step, value in rows:
            series.setdefault(key, []).append((step, value))
        return series

    def evaluations_since(self, revision: int = 0) -> list[Evaluation]:
        rows = self._db.execute("SELECT body FROM evaluations WHERE revision > ? ORDER BY step, id", (revision,))
        return [Evaluation.from_json(json.loads(body)) for (body,) in rows]

    def _group_rows(self, rest: str, values: list[Any]) -> list[GroupRow]:
        rows = self._db.execute(f"SELECT {_GROUP_COLUMNS} {_GROUP_FROM} {rest}", values)
        return [_group_row(row) for row in rows]

    def _with_completions(self, row: GroupRow) -> Group:
        first = row.id * COMPLETIONS_PER_GROUP
        rows = self._db.execute(
            "SELECT id, text, token_count, finish_reason, verdict, rewards, reward, advantage, weight, mean_logprob,"
            " entropy FROM completions WHERE id >= ? AND id < ? ORDER BY id",
            (first, first + COMPLETIONS_PER_GROUP),
        )
        return Group(
            id=row.id,
            step=row.step,
            split=row.split,  # type: ignore[arg-type]
            problem=row.problem,
            completions=tuple(_completion(completion) for completion in rows),
            superseded=row.superseded,
            decoding=row.decoding,  # type: ignore[arg-type]
        )


def _group_row(row: tuple[Any, ...]) -> GroupRow:
    (
        id_,
        revision,
        step,
        split,
        decoding,
        superseded,
        size,
        mean,
        std,
        signal,
        outcomes,
        rewards,
        created,
        body,
    ) = row
    return GroupRow(
        id=id_,
        revision=revision,
        step=step,
        split=split,
        decoding=decoding,
        superseded=bool(superseded),
        size=size,
        mean=mean,
        std=std,
        signal=signal,
        outcomes=tuple(_OUTCOMES.get(letter) for letter in outcomes),
        rewards=tuple(json.loads(rewards)),
        created_at=created,
        problem=_problem(unpack_json(body)),
    )


def _completion(row: tuple[Any, ...]) -> Completion:
    id_, text, tokens, finish, verdict, rewards, reward, advantage, weight, logprob, entropy = row
    return Completion(
        index=id_ % COMPLETIONS_PER_GROUP,
        text=unpack_text(text),
        token_count=tokens,
        finish_reason=finish,
        verdict=Verdict.from_json(unpack_json(verdict)) if verdict else None,
        rewards=json.loads(rewards),
        reward=reward,
        advantage=advantage,
        weight=weight,
        mean_logprob=logprob,
        entropy=entropy,
    )


def _problem(data: dict[str, Any]) -> Problem:
    return Problem(**{**data, "steps": tuple(data["steps"])})
