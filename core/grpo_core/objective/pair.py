"""DPO on a pair formed from each group: its best completion against its worst.

L = −log σ(β · margin), margin = log π(y⁺)/π_ref(y⁺) − log π(y⁻)/π_ref(y⁻) (Rafailov et al. 2023). Its gradient is that
of −Σ wᵢ log π(yᵢ) with w⁺ = β σ(−β · margin) = −w⁻, taken where the pair was sampled.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from grpo_core.objective.group import Reward
from grpo_core.types import EQUAL_REWARDS


def preference_pair(rewards: Sequence[Reward]) -> tuple[int, int] | None:
    """The indices of the best and the worst by reward, of equals the one sampled first; None unless the best is
    strictly better than the worst."""
    known = [(reward, index) for index, reward in enumerate(rewards) if reward is not None]
    if not known:
        return None
    highest, lowest = max(reward for reward, _ in known), min(reward for reward, _ in known)
    if highest - lowest <= EQUAL_REWARDS:
        return None
    best = next(index for reward, index in known if highest - reward <= EQUAL_REWARDS)
    worst = next(index for reward, index in known if reward - lowest <= EQUAL_REWARDS)
    return best, worst


def dpo_weights(rewards: Sequence[Reward], log_ratios: Sequence[float], beta: float) -> list[float]:
    """wᵢ of the group: +β σ(−β · margin) for the best, −β σ(−β · margin) for the worst, else 0.

    `log_ratios`: log π(y|x) − log π_ref(y|x) of each completion, in nats, summed over its tokens.
    """
    weights = [0.0] * len(rewards)
    pair = preference_pair(rewards)
    if pair is None:
        return weights
    best, worst = pair
    weights[best] = beta * _sigmoid(-beta * (log_ratios[best] - log_ratios[worst]))
    weights[worst] = -weights[best]
    return weights


def _sigmoid(value: float) -> float:
    """1 / (1 + e⁻ᵛ), for any size of v."""
    if value >= 0:
        return 1.0 / (1.0 + math.exp(-value))
    small = math.exp(value)
    return small / (1.0 + small)
