"""How a step's completions turned out: outcomes, groups by signal and the judge's seconds, counted a step and split.

They are curves like TRL's metrics (kept, rolled up and taken back with them), under keys of kind `count`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import apsw

from grpo_core.store.group_facts import OUTCOME_OF, GroupFacts
from grpo_core.store.rollups import curve_totals, roll_up, steps_of


class Countable(Protocol):
    """What is counted of a group."""

    @property
    def step(self) -> int: ...
    @property
    def split(self) -> str: ...
    @property
    def decoding(self) -> str: ...
    @property
    def facts(self) -> GroupFacts: ...
    @property
    def judge_seconds(self) -> float: ...


@dataclass(frozen=True, slots=True)
class StepCounts:
    """What was sampled from step `first` to `last`, both in, added up. `outcomes` has `unjudged` for what nothing
    judged, `signals` the groups by signal; both without zeros. `judge_seconds` is the judge's own time."""

    first: int
    last: int
    groups: int
    completions: int
    outcomes: dict[str, int]
    signals: dict[str, int]
    judge_seconds: float


Stretch = tuple[int, int]
"""Its first and its last step."""
COMPLETIONS, GROUPS, JUDGE_SECONDS = "completions", "groups", "judge_seconds"
UNJUDGED = "unjudged"


def count_key(split: str, name: str) -> str:
    """`train/outcome/correct`, `train/signal/mixed`, `eval/groups`: what one count is called in the store."""
    return f"grpo_dash/{split}/{name}"


def add_step_counts(db: apsw.Connection, groups: Iterable[Countable]) -> None:
    """Add new groups (greedy ones are no samples and not counted) to their steps; in the writer's transaction."""
    steps: dict[tuple[int, str], float] = defaultdict(float)
    for group in groups:
        if group.decoding == "sampled":
            for name, number in _counts(group).items():
                steps[group.step, count_key(group.split, name)] += number
    written: dict[int, set[int]] = defaultdict(set)
    revision = db.execute("SELECT value FROM counters WHERE name = 'revision'").get
    for (step, key), number in steps.items():
        number_of_key = _key_number(db, key)
        written[step].add(number_of_key)
        db.execute(
            "INSERT INTO metrics (key, step, value, revision) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET value = value + excluded.value, revision = excluded.revision",
            (number_of_key, step, number, revision),
        )
    for step in sorted(written):
        roll_up(db, step, written[step])


def count_curves(db: apsw.Connection, split: str, first: int | None, last: int | None, points: int) -> list[StepCounts]:
    """About `points` stretches between two steps, by step; None is the end there is."""
    keys = _keys(db, split)
    steps = steps_of(db, keys.get(GROUPS, -1), first, last)
    if steps is None:
        return []
    totals = curve_totals(db, keys.values(), *steps, points)
    return _step_counts({name: totals[number] for name, number in keys.items()})


def counts_since(db: apsw.Connection, split: str, revision: int) -> list[StepCounts]:
    """Every step that was counted after `revision`, whole."""
    keys = _keys(db, split)
    names = {number: name for name, number in keys.items()}
    sums: dict[str, dict[Stretch, float]] = {name: {} for name in keys}
    # First what is new, by revision, then these steps alone (CROSS JOIN keeps the order): nothing of all other steps.
    changed = "SELECT DISTINCT step FROM metrics INDEXED BY metrics_by_revision WHERE revision > ?1 AND key = ?2"
    rows = db.execute(
        f"SELECT m.step, m.key, m.value FROM ({changed}) AS c CROSS JOIN metrics AS m ON m.step = c.step"
        f" WHERE m.key IN ({', '.join(str(number) for number in names)})",
        (revision, keys.get(GROUPS, -1)),
    )
    for step, number, value in rows:
        sums[names[number]][step, step] = value
    return _step_counts(sums)


def rebuild_step_counts(db: apsw.Connection) -> None:
    """Make them anew from the groups that are not superseded; the judge's seconds are not known of old ones."""
    db.execute("DELETE FROM metrics WHERE key IN (SELECT number FROM metric_keys WHERE kind = 'count')")
    sampled = "FROM groups WHERE decoding = 'sampled' AND NOT superseded"
    totals = f"SELECT split, step, '{GROUPS}', count(*) {sampled} GROUP BY split, step"
    sizes = f"SELECT split, step, '{COMPLETIONS}', sum(size) {sampled} GROUP BY split, step"
    signals = f"SELECT split, step, 'signal/' || signal, count(*) {sampled} AND signal IS NOT NULL GROUP BY 1, 2, 3"
    outcomes = [
        f"SELECT split, step, 'outcome/{name}', sum(length(outcomes) - length(replace(outcomes, '{letter}', '')))"
        f" {sampled} GROUP BY split, step"
        for letter, name in _NAMES.items()
    ]
    for statement in (totals, sizes, signals, *outcomes):
        rows: list[Any] = db.execute(statement).fetchall()
        for split, step, name, number in rows:
            if number:
                db.execute(
                    "INSERT INTO metrics (key, step, value, revision) VALUES (?, ?, ?, 0)",
                    (_key_number(db, count_key(split, name)), step, number),
                )


_NAMES = {**OUTCOME_OF, "-": UNJUDGED}


def _counts(group: Countable) -> dict[str, float]:
    counts: dict[str, float] = defaultdict(float)
    counts[GROUPS] = 1
    counts[COMPLETIONS] = len(group.facts.outcomes)
    counts[JUDGE_SECONDS] = group.judge_seconds
    for letter in group.facts.outcomes:
        counts[f"outcome/{_NAMES[letter]}"] += 1
    if group.facts.signal:
        counts[f"signal/{group.facts.signal}"] = 1
    return counts


def _keys(db: apsw.Connection, split: str) -> dict[str, int]:
    prefix = count_key(split, "")
    rows = db.execute("SELECT key, number FROM metric_keys WHERE kind = 'count'")
    return {key.removeprefix(prefix): number for key, number in rows if key.startswith(prefix)}


def _step_counts(sums: dict[str, dict[Stretch, float]]) -> list[StepCounts]:
    """Every stretch in which a group was sampled, by step. `sums` is by a count's name."""
    outcomes, signals = _part(sums, "outcome/"), _part(sums, "signal/")
    completions, seconds = sums.get(COMPLETIONS, {}), sums.get(JUDGE_SECONDS, {})
    return [
        StepCounts(
            *stretch,
            int(groups),
            int(completions.get(stretch, 0)),
            {name: int(counts[stretch]) for name, counts in outcomes if stretch in counts},
            {name: int(counts[stretch]) for name, counts in signals if stretch in counts},
            seconds.get(stretch, 0.0),
        )
        for stretch, groups in sorted(sums.get(GROUPS, {}).items())
    ]


def _part(sums: dict[str, dict[Stretch, float]], prefix: str) -> list[tuple[str, dict[Stretch, float]]]:
    return [(name.removeprefix(prefix), counts) for name, counts in sums.items() if name.startswith(prefix)]


def _key_number(db: apsw.Connection, key: str) -> int:
    found = db.execute("SELECT number FROM metric_keys WHERE key = ?", (key,)).get
    if found is None:
        db.execute("INSERT INTO metric_keys (key, kind) VALUES (?, 'count')", (key,))
        found = db.last_insert_rowid()
    return int(found)
