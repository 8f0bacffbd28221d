"""Advantages against a baseline of the group: GRPO's mean, RLOO's mean of the others."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from grpo_core.types import EQUAL_REWARDS

Reward = float | None
STD_EPSILON = 1e-4
"""Added to the standard deviation, as TRL does."""


def grpo_advantages(rewards: Sequence[Reward], *, scale: bool = True, std: float | None = None) -> list[float]:
    """Aᵢ = (rᵢ − mean) / (std + 1e-4), std with Bessel's correction (Shao et al. 2024; TRL's
    `scale_rewards="group"`). Without `scale`, Aᵢ = rᵢ − mean (Dr. GRPO, Liu et al. 2025). A `std` that is given takes
    the place of the group's own (TRL's `scale_rewards="batch"`)."""

    def advantages(known: list[float]) -> list[float]:
        mean = math.fsum(known) / len(known)
        spread = _std(known) if std is None else std
        divisor = spread + STD_EPSILON if scale else 1.0
        return [(reward - mean) / divisor for reward in known]

    return over_known(rewards, advantages)


def rloo_advantages(rewards: Sequence[Reward]) -> list[float]:
    """Aᵢ = rᵢ − mean of the others' rewards (Ahmadian et al. 2024; TRL's RLOOTrainer without normalisation)."""

    def advantages(known: list[float]) -> list[float]:
        total, others = math.fsum(known), len(known) - 1
        return [reward - (total - reward) / others for reward in known]

    return over_known(rewards, advantages)


def reward_std(rewards: Sequence[Reward]) -> float | None:
    """The standard deviation of the known rewards with Bessel's correction; None of fewer than two."""
    known = [reward for reward in rewards if reward is not None]
    return _std(known) if len(known) > 1 else None


def over_known(rewards: Sequence[Reward], advantages: Callable[[list[float]], list[float]]) -> list[float]:
    """`advantages` of the scored completions, 0 for the others; all 0 where nothing can be told apart."""
    known = [reward for reward in rewards if reward is not None]
    if len(known) < 2 or max(known) - min(known) <= EQUAL_REWARDS:
        return [0.0] * len(rewards)
    values = iter(advantages(known))
    return [0.0 if reward is None else next(values) for reward in rewards]


def _std(known: list[float]) -> float:
    mean = math.fsum(known) / len(known)
    return math.sqrt(math.fsum((reward - mean) ** 2 for reward in known) / (len(known) - 1))
