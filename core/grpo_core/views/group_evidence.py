"""What groups tell of their rewards: what explains how they differ, and whether completions agree against the gold."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grpo_core.types import Completion, Group
from grpo_core.views.evidence import everyone, is_right

ABOUT_CORRECTNESS = frozenset({"correct", "partial"})
"""Reward functions that are correctness itself, or a part of it."""
FEWEST_COMPLETIONS = 4
Value = Callable[[Completion], float]


def explained_by_correct(groups: Sequence[Group]) -> float | None:
    """The share of the rewards' variance within groups that right or wrong explains (R²); None where none differ."""
    return _explained(groups, lambda completion: float(is_right(completion)))


def explained_by_others(groups: Sequence[Group]) -> dict[str, float]:
    """The same for each reward function that is not about correctness, by its name."""
    names = {name for group in groups for c in group.completions for name in c.rewards} - ABOUT_CORRECTNESS
    found = {name: _explained(groups, lambda c, name=name: c.rewards.get(name) or 0.0) for name in names}  # type: ignore[misc]
    return {name: share for name, share in found.items() if share is not None}


def earned_by_being_right(group: Group) -> float | None:
    """How much more the right answers of a group earned than the wrong ones, on average; None without both."""
    known = [c for c in group.completions if c.reward is not None and c.verdict]
    right, wrong = ([c.reward or 0.0 for c in known if is_right(c) is sort] for sort in (True, False))
    return math.fsum(right) / len(right) - math.fsum(wrong) / len(wrong) if right and wrong else None


@dataclass(frozen=True, slots=True)
class Agreement:
    """The commonest answer of some groups of one problem, whose completions were all judged not to be right."""

    answer: str
    count: int
    of: int
    completions: tuple[tuple[Group, Completion], ...]


def agreement_against_gold(groups: Sequence[Group], most: float) -> Agreement | None:
    """What at least the share `most` of all completions answer although none is right; None if any is."""
    everyone_of = everyone(groups)
    wrong = ((group, c, c.verdict) for group, c in everyone_of if c.verdict and c.verdict.outcome == "wrong")
    answered = [(verdict.extracted, group, c) for group, c, verdict in wrong if verdict.extracted]
    if len(everyone_of) < FEWEST_COMPLETIONS or not answered or any(is_right(c) for _, c in everyone_of):
        return None
    answer, count = Counter(text for text, _, _ in answered).most_common(1)[0]
    if count < most * len(everyone_of):
        return None
    same = tuple((group, c) for text, group, c in answered if text == answer)
    return Agreement(answer, count, len(everyone_of), same)


def agreed_and_right(groups: Sequence[Group], most: float) -> list[bool]:
    """For each group of which at least the share `most` answers the same, whether the judge calls that right."""
    found = []
    for group in groups:
        verdicts = [c.verdict for c in group.completions if c.verdict and c.verdict.extracted]
        counted = Counter(verdict.extracted for verdict in verdicts).most_common(1)
        if counted and len(group.completions) >= FEWEST_COMPLETIONS and counted[0][1] >= most * len(group.completions):
            found.append(any(v.outcome == "correct" for v in verdicts if v.extracted == counted[0][0]))
    return found


def _explained(groups: Sequence[Group], value: Value) -> float | None:
    """R² of a line through both sides' differences to their group's mean."""
    rewards, values = [], []
    for group in groups:
        known = [c for c in group.completions if c.reward is not None]
        rewards += _centred([c.reward or 0.0 for c in known])
        values += _centred([value(c) for c in known])
    both = math.fsum(r * v for r, v in zip(rewards, values, strict=True))
    spread = math.fsum(r * r for r in rewards), math.fsum(v * v for v in values)
    if spread[0] <= 0:
        return None
    return both * both / (spread[0] * spread[1]) if spread[1] > 0 else 0.0


def _centred(values: Sequence[float]) -> list[float]:
    mean = math.fsum(values) / max(1, len(values))
    return [value - mean for value in values]
