"""A group's row as a list shows it, and how it is read: one place for the columns and their order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from grpo_core.store.codec import unpack_json
from grpo_core.store.group_facts import FINISH_OF, OUTCOME_OF, GroupFacts, read_facts
from grpo_core.types import Problem

GROUP_COLUMNS = (
    "g.id, g.revision, g.step, g.split, g.decoding, g.superseded, g.size, g.mean, g.std, g.signal, g.created_at,"
    " g.problem, g.outcomes, g.finishes, g.lengths, g.rewards"
)
_PROBLEM = 11
"""Where the problem's number is in them."""
_PROBLEMS_KEPT = 4096


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group as a list shows it, without its completions' texts. `outcomes`, `finish_reasons`, `token_counts` and
    `rewards` have an entry a completion, None where it is not known."""

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
    finish_reasons: tuple[str | None, ...] = ()
    token_counts: tuple[int | None, ...] = ()


class ProblemShelf:
    """The problems that were read last, by number: a page of rows mostly shows few, and unpacking is the dear part."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db
        self._known: dict[int, Problem] = {}

    def get(self, number: int) -> Problem:
        if number not in self._known:
            self.take([number])
        return self._known[number]

    def take(self, numbers: Iterable[int]) -> None:
        """Read all of these that are not known, at once."""
        wanted = set(numbers) - self._known.keys()
        if not wanted:
            return
        if len(self._known) + len(wanted) > _PROBLEMS_KEPT:
            self._known.clear()
        listed = ", ".join(str(number) for number in wanted)
        for number, body in self._db.execute(f"SELECT number, body FROM problems WHERE number IN ({listed})"):
            self._known[number] = read_problem(unpack_json(body))


def read_problem(data: dict[str, Any]) -> Problem:
    return Problem(**{**data, "steps": tuple(data["steps"])})


def facts_of_row(row: Sequence[Any]) -> GroupFacts:
    """The facts of a row of `GROUP_COLUMNS`."""
    return read_facts(row[12], row[13], row[14], row[15], row[9])


def group_row(row: Sequence[Any], problems: ProblemShelf, facts: GroupFacts | None = None) -> GroupRow:
    """A row of `GROUP_COLUMNS`, read."""
    id_, revision, step, split, decoding, superseded, size, mean, std, signal, created, problem, *_ = row
    known = facts or facts_of_row(row)
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
        outcomes=tuple(map(OUTCOME_OF.get, known.outcomes)),
        rewards=known.rewards,
        created_at=created,
        problem=problems.get(problem),
        finish_reasons=tuple(map(FINISH_OF.get, known.finishes)),
        token_counts=known.lengths,
    )


def group_rows(rows: Iterable[Sequence[Any]], problems: ProblemShelf) -> list[GroupRow]:
    """Many rows of `GROUP_COLUMNS`, read."""
    listed = list(rows)
    problems.take(row[_PROBLEM] for row in listed)
    return [group_row(row, problems) for row in listed]
