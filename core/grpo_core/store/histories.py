"""Problems over a run: how often each was sampled and what became of it, kept by the writer a visit at a time.

A visit is a sampled group of the problem (a greedy answer of an evaluation is none) that no resume has superseded.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import apsw

from grpo_core.store.codec import dump_json
from grpo_core.store.group_facts import OUTCOME_LETTERS

RATES_KEPT = 32
"""Pass rates of the newest visits that a row holds."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One group of the problem with this number; `outcomes` has a letter a completion."""

    problem: int
    split: str
    group: int
    step: int
    outcomes: str

    @property
    def correct(self) -> int:
        return self.outcomes.count(OUTCOME_LETTERS["correct"])

    @property
    def rate(self) -> float:
        return self.correct / max(1, len(self.outcomes))


@dataclass(slots=True)
class _History:
    problem: int
    split: str
    visits: int
    completions: int
    correct: int
    first_rate: float
    rates: list[float]
    last: Visit


def add_visits(db: apsw.Connection, visits: Iterable[Visit]) -> None:
    """Take up new visits, in the order of their groups; in the writer's transaction."""
    histories: dict[tuple[int, str], _History] = {}
    for visit in visits:
        key = visit.problem, visit.split
        known = histories.get(key) or _stored(db, visit)
        histories[key] = _extend(known, visit) if known else _begin(visit)
    _write(db, histories.values())


def forget_visits_after(db: apsw.Connection, step: int) -> None:
    """Make the histories of problems with groups after `step` anew; call it once those are marked superseded."""
    keys = db.execute("SELECT DISTINCT problem, split FROM groups WHERE step > ?", (step,)).fetchall()
    for problem, split in keys:
        db.execute("DELETE FROM histories WHERE problem = ? AND split = ?", (problem, split))
        add_visits(db, _visits(db, "AND problem = ? AND split = ?", (problem, split)))


def rebuild_histories(db: apsw.Connection) -> None:
    """Make all of them anew from the groups."""
    db.execute("DELETE FROM histories")
    histories: dict[tuple[int, str], _History] = {}
    for visit in _visits(db, "", ()):
        known = histories.get((visit.problem, visit.split))
        histories[visit.problem, visit.split] = _extend(known, visit) if known else _begin(visit)
    _write(db, histories.values())


def _visits(db: apsw.Connection, rest: str, values: tuple[Any, ...]) -> list[Visit]:
    rows = db.execute(
        "SELECT problem, split, id, step, outcomes FROM groups WHERE decoding = 'sampled' AND NOT superseded"
        f" {rest} ORDER BY id",
        values,
    )
    return [Visit(*row) for row in rows]


def _begin(visit: Visit) -> _History:
    return _History(visit.problem, visit.split, 1, len(visit.outcomes), visit.correct, visit.rate, [visit.rate], visit)


def _extend(known: _History, visit: Visit) -> _History:
    known.visits += 1
    known.completions += len(visit.outcomes)
    known.correct += visit.correct
    known.rates = [*known.rates, visit.rate][-RATES_KEPT:]
    known.last = visit
    return known


def _stored(db: apsw.Connection, visit: Visit) -> _History | None:
    rows = db.execute(
        "SELECT visits, completions, correct, first_rate, rates FROM histories WHERE problem = ? AND split = ?",
        (visit.problem, visit.split),
    )
    for visits, completions, correct, first_rate, rates in rows:
        return _History(visit.problem, visit.split, visits, completions, correct, first_rate, json.loads(rates), visit)
    return None


def _write(db: apsw.Connection, histories: Iterable[_History]) -> None:
    db.executemany(
        "INSERT OR REPLACE INTO histories (problem, split, visits, completions, correct, first_rate, last_rate, change,"
        " rates, last_outcomes, last_group, last_step) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                history.problem,
                history.split,
                history.visits,
                history.completions,
                history.correct,
                history.first_rate,
                history.last.rate,
                history.last.rate - history.first_rate,
                dump_json([round(rate, 4) for rate in history.rates]),
                history.last.outcomes,
                history.last.group,
                history.last.step,
            )
            for history in histories
        ],
    )
