"""Reading a run's database while it is written: newest groups, one group whole, and what changed since a cursor.

A reader never blocks the writer; each call sees one consistent moment.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from grpo_core.store.codec import unpack_json, unpack_text
from grpo_core.store.connection import as_store_error, open_reader
from grpo_core.store.filters import GroupFilter
from grpo_core.store.finding import (
    CompletionRow,
    Order,
    Page,
    Towards,
    count_completions,
    count_groups,
    find_completions,
    find_groups,
    rank_completions,
)
from grpo_core.store.problem_lists import (
    ProblemOrder,
    ProblemRow,
    ProblemVisit,
    list_problems,
    problem_history,
    problem_visits,
)
from grpo_core.store.rollups import CurvePoint, curve, curve_means
from grpo_core.store.rows import GROUP_COLUMNS, GroupRow, ProblemShelf, group_rows
from grpo_core.store.schema import COMPLETIONS_PER_GROUP, RUN_MIGRATIONS
from grpo_core.store.step_counts import StepCounts, count_curves, counts_since
from grpo_core.store.summaries import rebuild_summaries
from grpo_core.types import Completion, Evaluation, Group, Split, Verdict


class RunReader:
    """A read-only view of one run; not for sharing between threads."""

    def __init__(self, path: Path) -> None:
        self._db = open_reader(path, RUN_MIGRATIONS, rebuild_summaries)
        self._path = path
        self._problems = ProblemShelf(self._db)

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
        with as_store_error(self._path):
            return dict(self._db.execute("SELECT name, value FROM counters"))

    def facts(self) -> dict[str, Any]:
        """What the trainer last said about itself. Raises StoreError, as `counters` does, if the file is damaged."""
        with as_store_error(self._path):
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

    def next_step(self, step: int, towards: Literal["later", "earlier"]) -> int | None:
        """The nearest later or earlier step that has groups; None if there is none."""
        nearest = (
            "min(step) FROM groups WHERE step > ?" if towards == "later" else "max(step) FROM groups WHERE step < ?"
        )
        ((found,),) = self._db.execute(f"SELECT {nearest}", (step,))
        return found

    def group_rows_of_problem(self, problem_id: str, limit: int = 1000) -> list[GroupRow]:
        return self._group_rows(
            "WHERE g.problem IN (SELECT number FROM problems WHERE id = ?) ORDER BY g.id DESC LIMIT ?",
            [problem_id, limit],
        )

    def evaluation_rows(self, step: int) -> list[GroupRow]:
        """Every group of the evaluation after this step, in the order in which they were sampled."""
        return self._group_rows("WHERE g.step = ? AND g.split = 'eval' AND NOT g.superseded ORDER BY g.id", [step])

    def trained_prompts(self, step: int) -> Iterator[str]:
        """The problems that were trained on up to this step, each once."""
        rows = self._db.execute(
            "SELECT body FROM problems"
            " WHERE number IN (SELECT problem FROM groups WHERE split = 'train' AND step <= ?)",
            (step,),
        )
        for (body,) in rows:
            yield str(unpack_json(body)["prompt"])

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
            # By revision, whatever the planner thinks: sorting what is new is cheap, going through a long run is not.
            "SELECT k.key, m.step, m.value FROM metrics AS m INDEXED BY metrics_by_revision"
            " JOIN metric_keys AS k ON k.number = m.key WHERE m.revision > ? AND k.kind = 'metric'"
            " ORDER BY m.key, m.step",
            (revision,),
        )
        series: dict[str, list[tuple[int, float]]] = {}
        for key, step, value in rows:
            series.setdefault(key, []).append((step, value))
        return series

    def evaluations_since(self, revision: int = 0) -> list[Evaluation]:
        rows = self._db.execute("SELECT body FROM evaluations WHERE revision > ? ORDER BY step, id", (revision,))
        return _evaluations(rows)

    def evaluations_thinned(self, most: int = 100) -> list[Evaluation]:
        """All evaluations by step if there are up to about `most`, else every second, third, … and the newest."""
        newest = self._db.execute("SELECT max(id) FROM evaluations").get or 0
        rows = self._db.execute(
            "SELECT body FROM evaluations WHERE id % ?1 = 0 OR id = ?2 ORDER BY step, id", (newest // most + 1, newest)
        )
        return _evaluations(rows)

    def find_groups(
        self, wanted: GroupFilter, *, cursor: int | None = None, towards: Towards = "older", limit: int = 40
    ) -> Page[GroupRow, int]:
        """The groups that `wanted` wants beyond the id `cursor` (None: from that end on), in the direction of
        looking: `older` gives newest first. A page before the one that is shown: from its first row `newer`, turned
        round. A page may be short and have a `next`: what is wanted is rare, and it was looked for only so far."""
        return find_groups(self._db, self._problems, wanted, cursor, towards, limit)

    def find_completions(
        self, wanted: GroupFilter, *, cursor: int | None = None, towards: Towards = "older", limit: int = 40
    ) -> Page[CompletionRow, int]:
        """The same for completions; the cursor is `CompletionRow.id`."""
        return find_completions(self._db, self._problems, wanted, cursor, towards, limit)

    def rank_completions(
        self,
        wanted: GroupFilter,
        by: Order,
        *,
        highest: bool = True,
        cursor: tuple[float, int] | None = None,
        limit: int = 40,
    ) -> Page[CompletionRow, tuple[float, int]]:
        """The wanted completions by `token_count` or `reward`; the cursor is (value, id) of the last row."""
        return rank_completions(self._db, self._problems, wanted, by, highest, cursor, limit)

    def count_groups(self, wanted: GroupFilter) -> int | None:
        """How many there are of them in all, from the writer's totals; None with a range, which only looking tells."""
        return count_groups(self._db, wanted)

    def count_completions(self, wanted: GroupFilter) -> int | None:
        return count_completions(self._db, wanted)

    def sources(self) -> list[tuple[str, str | None]]:
        """Every (source, level) that problems of this run have: what a filter can offer."""
        return list(self._db.execute("SELECT source, level FROM origins ORDER BY source, level"))

    def metric_keys(self) -> list[str]:
        return [key for (key,) in self._db.execute("SELECT key FROM metric_keys WHERE kind = 'metric' ORDER BY key")]

    def curve(
        self, key: str, first: int | None = None, last: int | None = None, *, points: int = 1000
    ) -> list[CurvePoint]:
        """A metric between two steps (None: all of it) in about `points` points: least, greatest, mean of each."""
        number = self._db.execute("SELECT number FROM metric_keys WHERE key = ?", (key,)).get
        return [] if number is None else curve(self._db, number, first, last, points)

    def curve_means(self, keys: Iterable[str], points: int) -> dict[str, list[tuple[int, float]]]:
        """All of these metrics as (step, mean of the steps up to it), each in about `points` points; only what the
        run has logged."""
        numbers = dict(self._db.execute("SELECT key, number FROM metric_keys"))
        wanted = {numbers[key]: key for key in keys if key in numbers}
        return {wanted[number]: means for number, means in curve_means(self._db, wanted, points).items()}

    def step_counts(
        self, split: Split = "train", first: int | None = None, last: int | None = None, *, points: int = 200
    ) -> list[StepCounts]:
        """Outcomes, signals and the judge's seconds of the samples of about `points` stretches of steps, by step."""
        return count_curves(self._db, split, first, last, points)

    def step_counts_since(self, revision: int, split: Split = "train") -> list[StepCounts]:
        """The same of every single step that was counted (or counted further) after `revision`."""
        return counts_since(self._db, split, revision)

    def list_problems(
        self,
        order: ProblemOrder = "last_group",
        *,
        highest: bool = True,
        split: Split = "train",
        source: str | None = None,
        level: str | None = None,
        cursor: tuple[float, int] | None = None,
        limit: int = 40,
    ) -> Page[ProblemRow, tuple[float, int]]:
        """Problems that were sampled, with what became of them: by when they last were, how often, the pass rate of
        the last visit, or its change since the first."""
        return list_problems(self._db, self._problems, order, highest, split, source, level, cursor, limit)

    def problem_history(self, problem_id: str, split: Split = "train") -> ProblemRow | None:
        """What became of one problem, wherever it stands in a list; None if it was not sampled for this."""
        return problem_history(self._db, self._problems, problem_id, split)

    def problem_visits(self, problem_id: str, split: Split = "train", limit: int = 200) -> list[ProblemVisit]:
        """The newest visits of one problem, oldest first: what a pass rate by visit is drawn of."""
        return problem_visits(self._db, problem_id, split, limit)

    def _group_rows(self, rest: str, values: list[Any]) -> list[GroupRow]:
        return group_rows(self._db.execute(f"SELECT {GROUP_COLUMNS} FROM groups AS g {rest}", values), self._problems)

    def _with_completions(self, row: GroupRow) -> Group:
        first = row.id * COMPLETIONS_PER_GROUP
        rows = self._db.execute(
            "SELECT id, text, token_count, finish_reason, verdict, rewards, reward, advantage, weight, mean_logprob,"
            " entropy, importance_weight, reference_logprob FROM completions WHERE id >= ? AND id < ? ORDER BY id",
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


def _evaluations(bodies: Iterable[tuple[str]]) -> list[Evaluation]:
    listed = json.loads(f"[{','.join(body for (body,) in bodies)}]")  # once: a first look has a hundred
    return [Evaluation.from_json(each) for each in listed]


def _completion(row: tuple[Any, ...]) -> Completion:
    id_, text, tokens, finish, verdict, rewards, reward, advantage, weight, logprob, entropy, importance, reference = (
        row
    )
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
        importance_weight=importance,
        reference_logprob=reference,
    )
