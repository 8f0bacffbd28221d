"""What a set of problems is, whatever it comes from."""

from __future__ import annotations

from typing import Protocol

from grpo_core.types import Problem


class ProblemSet(Protocol):
    """A source of problems whose training and held-out parts never share a question."""

    name: str
    overlap: str
    """A sentence on training problems that were left out for being held-out ones too; empty for none."""

    def train_problems(self, count: int, seed: int) -> list[Problem]:
        """`count` training problems in a fixed order; the same seed gives the same list, on any machine. None where the
        set has none."""
        ...

    def heldout_problems(self, count: int, seed: int = 0) -> list[Problem]:
        """At most `count` distinct problems that training never sees (fewer where there are no more); a smaller count
        gives a prefix of a larger one's."""
        ...
