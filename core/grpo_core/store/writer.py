"""The one writer of a run's database. What it returns from is committed and survives a kill.

Leaves threads to `background`, and which groups are written to the engine's capture.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grpo_core.store.codec import dump_json, pack_json, pack_text
from grpo_core.store.connection import BUSY_TIMEOUT_MS, open_writer, transaction
from grpo_core.store.group_facts import facts_of, finite
from grpo_core.store.histories import forget_visits_after
from grpo_core.store.rollups import forget_after, roll_up
from grpo_core.store.schema import COMPLETIONS_PER_GROUP, RUN_MIGRATIONS
from grpo_core.store.summaries import (
    Summarised,
    facts_columns,
    origin_number,
    rebuild_summaries,
    summarise_groups,
    supersede_summaries,
)
from grpo_core.store.wal import WalKeeper
from grpo_core.types import Completion, Evaluation, Group, Problem

NewGroup = Group
"""A group to be stored; its id is given by the one writer's owner (`next_group_id`)."""


@dataclass(frozen=True, slots=True)
class CompletionUpdate:
    """What only the update knows of one completion: nats, mean over its tokens."""

    group_id: int
    index: int
    mean_logprob: float | None
    entropy: float | None
    reference_logprob: float | None = None


class RunWriter:
    """Writes one run; use from one thread. Every method is one transaction."""

    def __init__(self, path: Path) -> None:
        self._db = open_writer(path, RUN_MIGRATIONS, rebuild_summaries)
        self._wal = WalKeeper(self._db, BUSY_TIMEOUT_MS)
        self._problems: dict[Problem, int] = {}
        self._origins: dict[tuple[str, str | None], int] = {}
        self._keys: dict[str, int] = {}

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Everything inside is one transaction, acknowledged when it ends. One that fails leaves no trace, and may be
        tried again."""
        try:
            with transaction(self._db):
                yield
        except BaseException:
            # Their rows may be gone with the transaction.
            for numbers in (self._problems, self._origins, self._keys):
                numbers.clear()
            raise

    def next_group_id(self) -> int:
        """One more than any id ever given, also across a resume: groups are never deleted."""
        newest = self._db.execute("SELECT max(id) FROM groups").get
        return (newest or 0) + 1

    def add_groups(self, groups: Sequence[Group], created_at: float | None = None) -> None:
        """Commit groups with all their completions, as made now or at `created_at` (epoch seconds)."""
        at = time.time() if created_at is None else created_at
        with self.batch():
            revision = self._next_revision()
            summarise_groups(self._db, [self._insert_group(group, revision, at) for group in groups])
            self._count("groups", len(groups))
            self._count("completions", sum(len(group.completions) for group in groups))

    def fill_completions(self, updates: Iterable[CompletionUpdate]) -> None:
        """Add what the update found out about completions that are already stored."""
        updates = list(updates)
        with self.batch():
            self._db.executemany(
                "UPDATE completions SET mean_logprob = ?, entropy = ?, reference_logprob = ? WHERE id = ?",
                [_update_row(update) for update in updates],
            )
            revision = self._next_revision()
            self._db.executemany(
                "UPDATE groups SET revision = ? WHERE id = ?",
                [(revision, group_id) for group_id in {update.group_id for update in updates}],
            )

    def add_metrics(self, step: int, metrics: Mapping[str, Any]) -> None:
        """The finite numbers among `metrics`, verbatim by key; a step that is logged again replaces itself."""
        numbers = {key: float(value) for key, value in metrics.items() if _is_number(value)}
        with self.batch():
            revision = self._next_revision()
            keys = [self._key_number(key) for key in numbers]
            self._db.executemany(
                "INSERT OR REPLACE INTO metrics (key, step, value, revision) VALUES (?, ?, ?, ?)",
                [(key, step, value, revision) for key, value in zip(keys, numbers.values(), strict=True)],
            )
            roll_up(self._db, step, keys)

    def add_evaluation(self, evaluation: Evaluation) -> None:
        with self.batch():
            self._db.execute(
                "INSERT INTO evaluations (step, revision, body) VALUES (?, ?, ?)",
                (evaluation.step, self._next_revision(), dump_json(evaluation.to_json())),
            )

    def evaluated_steps(self) -> list[int]:
        return [step for (step,) in self._db.execute("SELECT DISTINCT step FROM evaluations")]

    def supersede_after(self, step: int) -> None:
        """A resume goes on from `step`: later groups stay and are marked, later points of the curves go.

        Followers learn by the fact `epoch` that what they hold must be read anew.
        """
        with self.batch():
            values = (self._next_revision(), step)
            supersede_summaries(self._db, step)
            self._db.execute(
                "UPDATE groups SET superseded = 1, revision = ?1 WHERE step > ?2 AND NOT superseded", values
            )
            superseded = self._db.changes()
            if superseded:
                forget_visits_after(self._db, step)
            self._db.execute("DELETE FROM metrics WHERE step > ?", (step,))
            forget_after(self._db, step)
            self._db.execute("DELETE FROM evaluations WHERE step > ?", (step,))
            if superseded:
                self._db.execute(
                    "INSERT INTO facts (key, value) VALUES ('epoch', '1')"
                    " ON CONFLICT (key) DO UPDATE SET value = value + 1"
                )

    def set_facts(self, facts: Mapping[str, Any]) -> None:
        """What the trainer says about itself (its class, versions, step, phase); JSON values."""
        with self.batch():
            self._next_revision()
            self._db.executemany(
                "INSERT OR REPLACE INTO facts (key, value) VALUES (?, ?)",
                [(key, dump_json(value)) for key, value in facts.items()],
            )

    def _insert_group(self, group: Group, revision: int, created_at: float) -> Summarised:
        if len(group.completions) > COMPLETIONS_PER_GROUP:
            raise ValueError(f"a group holds at most {COMPLETIONS_PER_GROUP} completions")
        found = self._summarised(group)
        self._db.execute(
            "INSERT INTO groups (id, revision, step, split, decoding, superseded, problem, size, mean, std, signal,"
            " outcomes, rewards, created_at, origin, finishes, lengths, kinds, tokens_low, tokens_high, reward_low,"
            " reward_high) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                group.id,
                revision,
                group.step,
                group.split,
                group.decoding,
                int(group.superseded),
                found.problem,
                len(group.completions),
                group.mean,
                group.std,
                group.signal,
                found.facts.outcomes,
                dump_json(found.facts.rewards),
                created_at,
                found.origin,
                *facts_columns(found.facts),
            ),
        )
        self._db.executemany(
            "INSERT INTO completions (id, text, token_count, finish_reason, verdict, rewards, reward, advantage,"
            " weight, mean_logprob, entropy, importance_weight, reference_logprob)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [_completion_row(group.id, completion) for completion in group.completions],
        )
        return found

    def _summarised(self, group: Group) -> Summarised:
        return Summarised(
            group.id,
            group.step,
            group.split,
            group.decoding,
            group.superseded,
            self._problem_number(group.problem),
            self._origin_number(group.problem),
            facts_of(group),
            sum(completion.verdict.seconds for completion in group.completions if completion.verdict),
        )

    def _origin_number(self, problem: Problem) -> int:
        key = problem.source, problem.level
        if key not in self._origins:
            source, level = (_indexed(text) for text in key)
            self._origins[key] = origin_number(self._db, source or "", level)
        return self._origins[key]

    def _problem_number(self, problem: Problem) -> int:
        if problem not in self._problems:
            self._problems[problem] = self._stored_problem(problem)
        return self._problems[problem]

    def _stored_problem(self, problem: Problem) -> int:
        # As text: an earlier version packed it so too, and a problem is known again by these very bytes.
        body = pack_text(dump_json(problem.to_json()))
        self._db.execute(
            "INSERT OR IGNORE INTO problems (id, source, level, body) VALUES (?, ?, ?, ?)",
            (_indexed(problem.id), _indexed(problem.source), _indexed(problem.level), body),
        )
        return int(
            self._db.execute("SELECT number FROM problems WHERE id = ? AND body = ?", (_indexed(problem.id), body)).get
        )

    def _key_number(self, key: str) -> int:
        if key not in self._keys:
            self._db.execute("INSERT OR IGNORE INTO metric_keys (key) VALUES (?)", (key,))
            self._keys[key] = int(self._db.execute("SELECT number FROM metric_keys WHERE key = ?", (key,)).get)
        return self._keys[key]

    def _next_revision(self) -> int:
        return self._count("revision", 1)

    def _count(self, name: str, by: int) -> int:
        return int(
            self._db.execute("UPDATE counters SET value = value + ? WHERE name = ? RETURNING value", (by, name)).get
        )


def _completion_row(group_id: int, completion: Completion) -> tuple[Any, ...]:
    return (
        _completion_id(group_id, completion.index),
        pack_text(completion.text),
        completion.token_count,
        completion.finish_reason,
        pack_json(completion.verdict.to_json()) if completion.verdict else None,
        dump_json({name: finite(reward) for name, reward in completion.rewards.items()}),
        finite(completion.reward),
        finite(completion.advantage),
        finite(completion.weight),
        finite(completion.mean_logprob),
        finite(completion.entropy),
        finite(completion.importance_weight),
        finite(completion.reference_logprob),
    )


def _update_row(update: CompletionUpdate) -> tuple[Any, ...]:
    found = (update.mean_logprob, update.entropy, update.reference_logprob)
    return (*map(finite, found), _completion_id(update.group_id, update.index))


def _completion_id(group_id: int, index: int) -> int:
    return group_id * COMPLETIONS_PER_GROUP + index


def _indexed(text: str | None) -> str | None:
    """A text as a column can hold it: a lone surrogate, which UTF-8 has no form for, becomes `?`. The body is exact."""
    return None if text is None else text.encode("utf-8", "replace").decode("utf-8")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
