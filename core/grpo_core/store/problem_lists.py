"""Problems as a list shows them, from the histories that the writer keeps, and the visits of one problem."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import apsw

from grpo_core.store.finding import Page
from grpo_core.store.group_facts import OUTCOME_OF
from grpo_core.store.rows import ProblemShelf
from grpo_core.types import Problem

ProblemOrder = Literal["last_group", "visits", "last_rate", "change"]
MOST_LOOKED_AT = 4_000
"""Problems that one page looks at."""
_COLUMNS = (
    "problem, split, visits, completions, correct, first_rate, last_rate, change, rates, last_outcomes, last_group,"
    " last_step"
)


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """One problem's history in a run. Rates are shares of right completions in [0, 1]; `rates` are of the newest
    visits, oldest first; `change` is the last rate less the first; `last_outcomes` are of the last visit."""

    number: int
    problem: Problem
    split: str
    visits: int
    completions: int
    correct: int
    first_rate: float
    last_rate: float
    change: float
    rates: tuple[float, ...]
    last_outcomes: tuple[str | None, ...]
    last_group: int
    last_step: int


@dataclass(frozen=True, slots=True)
class ProblemVisit:
    """One sampled group of a problem; `rate` is the share of right completions."""

    group: int
    step: int
    rate: float
    outcomes: tuple[str | None, ...]


def list_problems(
    db: apsw.Connection,
    problems: ProblemShelf,
    order: ProblemOrder,
    highest: bool,
    split: str,
    source: str | None,
    level: str | None,
    cursor: tuple[float, int] | None,
    limit: int,
) -> Page[ProblemRow, tuple[float, int]]:
    """A page in the order of an index; the cursor is (value, number) of the last row that was looked at."""
    found: list[tuple[Any, ...]] = []
    last: tuple[float, int] | None = None
    for looked, row in enumerate(_in_order(db, order, highest, split, cursor)):
        if len(found) == limit or looked == MOST_LOOKED_AT:
            return Page(_problem_rows(problems, found), last)
        last = row[0], row[1]
        problem = problems.get(row[1]) if source is not None or level is not None else None
        if problem is None or (source in (None, problem.source) and level in (None, problem.level)):
            found.append(row[1:])
    return Page(_problem_rows(problems, found), None)


def problem_history(db: apsw.Connection, problems: ProblemShelf, problem_id: str, split: str) -> ProblemRow | None:
    """The one problem with this id as the list shows it; the newest where several texts go by it, None if it was
    never sampled."""
    found = db.execute(
        f"SELECT {_COLUMNS} FROM histories WHERE problem IN (SELECT number FROM problems WHERE id = ?) AND split = ?"
        " ORDER BY last_group DESC LIMIT 1",
        (problem_id, split),
    ).fetchone()
    return _problem_row(problems.get(found[0]), found) if found else None


def problem_visits(db: apsw.Connection, problem_id: str, split: str, limit: int) -> list[ProblemVisit]:
    """The newest visits, oldest first; superseded groups and greedy answers are none."""
    rows = db.execute(
        "SELECT id, step, outcomes FROM groups INDEXED BY groups_by_problem"
        " WHERE problem IN (SELECT number FROM problems WHERE id = ?)"
        " AND split = ? AND decoding = 'sampled' AND NOT superseded ORDER BY id DESC LIMIT ?",
        (problem_id, split, limit),
    )
    return [
        ProblemVisit(id_, step, outcomes.count("c") / max(1, len(outcomes)), _outcomes(outcomes))
        for id_, step, outcomes in rows
    ][::-1]


def _in_order(
    db: apsw.Connection, order: ProblemOrder, highest: bool, split: str, cursor: tuple[float, int] | None
) -> Iterator[tuple[Any, ...]]:
    way, beyond = ("DESC", "<") if highest else ("ASC", ">")
    select, end = f"SELECT {order}, {_COLUMNS} FROM histories WHERE split = ?", f"ORDER BY {order} {way}, problem {way}"
    if cursor is None:
        yield from db.execute(f"{select} {end}", (split,))
        return
    value, number = cursor
    yield from db.execute(f"{select} AND {order} = ? AND problem {beyond} ? {end}", (split, value, number))
    yield from db.execute(f"{select} AND {order} {beyond} ? {end}", (split, value))


def _problem_rows(problems: ProblemShelf, rows: list[tuple[Any, ...]]) -> tuple[ProblemRow, ...]:
    problems.take(row[0] for row in rows)
    return tuple(_problem_row(problems.get(row[0]), row) for row in rows)


def _problem_row(problem: Problem, row: tuple[Any, ...]) -> ProblemRow:
    number, split, visits, completions, correct, first, last, change, rates, outcomes, group, step = row
    return ProblemRow(
        number,
        problem,
        split,
        visits,
        completions,
        correct,
        first,
        last,
        change,
        tuple(json.loads(rates)),
        _outcomes(outcomes),
        group,
        step,
    )


def _outcomes(letters: str) -> tuple[str | None, ...]:
    return tuple(OUTCOME_OF.get(letter) for letter in letters)
