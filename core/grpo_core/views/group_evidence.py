"""What groups tell of their rewards: what explains how they differ, and whether completions agree against the gold."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence

from grpo_core.types import Completion, Group
from grpo_core.views.evidence import is_right

ABOUT_CORRECTNESS = frozenset({"correct", "partial"})
"""Reward functions that are correctness itself, or a part of it."""
MOST_AGREE = 0.75
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


def agreement_against_gold(group: Group) -> list[int]:
    """The completions that give the commonest answer where nearly all do and it was judged wrong; else none."""
    answers = {c.index: c.verdict.extracted for c in group.completions if c.verdict and c.verdict.extracted}
    if len(group.completions) < FEWEST_COMPLETIONS or not answers or any(map(is_right, group.completions)):
        return []
    answer, count = Counter(answers.values()).most_common(1)[0]
    if count < MOST_AGREE * len(group.completions):
        return []
    return [index for index, given in answers.items() if given == answer]


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
