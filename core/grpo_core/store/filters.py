"""What a person wants to see of a run's groups and completions, and the SQL conditions that say so.

A filter is asked of blocks first, then of the groups in them, then of a group's completions: each level can only say
"certainly not" or "look closer", the last one decides.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from grpo_core.store.group_facts import (
    FINISH_LETTERS,
    OUTCOME_LETTERS,
    GroupFacts,
    bits,
    classes_with,
    kinds_with,
)
from grpo_core.types import Decoding, Outcome, Signal, Split

Range = tuple[float | None, float | None]
"""Both ends belong to it; None is an open end."""
ORIGIN_BITS = 62
"""More sources and levels than this share bits in a block, which only makes the look closer."""


@dataclass(frozen=True, slots=True)
class GroupFilter:
    """None leaves a question open. `steps` and `tokens` (of a completion) and `rewards` (what the objective saw) are
    ranges with both ends in.

    Of a group, `split`, `decoding`, `signal`, `source`, `level`, `steps` and `superseded` must hold; of a completion
    the rest, all of it at once. A group is shown if at least one of its completions is.
    """

    outcome: Outcome | None = None
    truncated: bool | None = None
    tokens: Range = (None, None)
    rewards: Range = (None, None)
    split: Split | None = None
    decoding: Decoding | None = None
    signal: Signal | None = None
    source: str | None = None
    level: str | None = None
    steps: Range = (None, None)
    superseded: bool | None = None

    @property
    def has_ranges(self) -> bool:
        return any(end is not None for ends in (self.tokens, self.rewards, self.steps) for end in ends)

    @property
    def asks_of_completions(self) -> bool:
        ends = (*self.tokens, *self.rewards)
        return self.outcome is not None or self.truncated is not None or any(end is not None for end in ends)


Conditions = tuple[list[str], list[Any]]


def group_conditions(wanted: GroupFilter, origins: Collection[int] | None) -> Conditions:
    """What `groups AS g` must fulfil; `origins` are the numbers of the wanted source and level, None for all."""
    found: Conditions = ([], [])
    for column in ("split", "decoding", "signal"):
        _add(found, f"g.{column} = ?", getattr(wanted, column))
    _add(found, "g.superseded = ?", None if wanted.superseded is None else int(wanted.superseded))
    _add(found, "(g.kinds & ?) != 0", kinds_with(wanted.outcome, wanted.truncated))
    if origins is not None:
        found[0].append(f"g.origin IN ({', '.join('?' for _ in origins)})")
        found[1].extend(origins)
    _add(found, "g.step >= ?", wanted.steps[0])
    _add(found, "g.step <= ?", wanted.steps[1])
    _add_overlap(found, "g", wanted)
    return found


def block_conditions(wanted: GroupFilter, origins: Collection[int] | None) -> Conditions:
    """What `blocks AS b` must fulfil to be worth a look."""
    found: Conditions = ([], [])
    _add(found, "(b.classes & ?) != 0", classes_with(wanted.split, wanted.decoding, wanted.signal))
    if wanted.superseded is not None:
        found[0].append("b.superseded > 0" if wanted.superseded else "b.superseded < b.groups")
    _add(found, "(b.kinds & ?) != 0", kinds_with(wanted.outcome, wanted.truncated))
    if origins is not None:
        _add(found, "(b.origins & ?) != 0", bits(origin % ORIGIN_BITS for origin in origins))
    _add(found, "b.step_high >= ?", wanted.steps[0])
    _add(found, "b.step_low <= ?", wanted.steps[1])
    _add_overlap(found, "b", wanted)
    return found


def wanted_completions(facts: GroupFacts, wanted: GroupFilter) -> list[int]:
    """The numbers of a group's completions that the filter wants."""
    if not wanted.asks_of_completions:
        return list(range(len(facts.outcomes)))
    outcome = OUTCOME_LETTERS[wanted.outcome] if wanted.outcome else None
    finish = None if wanted.truncated is None else FINISH_LETTERS["length" if wanted.truncated else "stop"]
    return [
        index
        for index, (letter, ending) in enumerate(zip(facts.outcomes, facts.finishes, strict=True))
        if (outcome is None or letter == outcome)
        and (finish is None or ending == finish)
        and _within(facts.lengths[index], wanted.tokens)
        and _within(facts.rewards[index], wanted.rewards)
    ]


def _add(found: Conditions, condition: str, value: Any) -> None:
    if value is not None:
        found[0].append(condition)
        found[1].append(value)


def _add_overlap(found: Conditions, table: str, wanted: GroupFilter) -> None:
    for column, (low, high) in (("tokens", wanted.tokens), ("reward", wanted.rewards)):
        _add(found, f"{table}.{column}_high >= ?", low)
        _add(found, f"{table}.{column}_low <= ?", high)


def _within(value: float | None, ends: Range) -> bool:
    low, high = ends
    if low is None and high is None:
        return True
    return value is not None and (low is None or value >= low) and (high is None or value <= high)
