"""What an alert is: evidence in numbers, completions to read, and where more of it is listed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from grpo_core.types import Completion, Group, Json

SAMPLES = 4
"""Completions that an alert shows."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A completion to read, or with `k` None a whole group; `note` says why this one."""

    group: int
    k: int | None
    note: str


@dataclass(frozen=True, slots=True)
class More:
    """A page (`groups` or `problems`) with some of its fields set."""

    page: str
    where: dict[str, str]


@dataclass(frozen=True, slots=True)
class Alert:
    """`evidence` says what was seen, in numbers; `perhaps` what it may come from; `chart` is the curve to look at,
    `more` where all of it is listed."""

    kind: str
    title: str
    evidence: str
    perhaps: str
    chart: str
    samples: tuple[Sample, ...] = ()
    more: More | None = None

    def to_json(self) -> Json:
        return asdict(self) | {"samples": [asdict(sample) for sample in self.samples]}


def samples_of(found: Sequence[tuple[Group, Completion]], note: Callable[[Completion], str]) -> tuple[Sample, ...]:
    """One a group at most, so that the few that are shown tell more."""
    first: dict[int, Completion] = {}
    for group, completion in found:
        first.setdefault(group.id, completion)
    return tuple(Sample(group, c.index, note(c)) for group, c in list(first.items())[:SAMPLES])


def groups_of(groups: Sequence[Group], note: str) -> tuple[Sample, ...]:
    return tuple(Sample(group.id, None, note) for group in groups[:SAMPLES])
