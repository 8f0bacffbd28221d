"""Weights by rank: the wᵢ of the rank-weighted likelihood L = −Σ wᵢ log π(yᵢ|x)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from grpo_core.objective.group import Reward, over_known
from grpo_core.types import EQUAL_REWARDS


def rank_weights(
    rewards: Sequence[Reward],
    form: Literal["linear", "exponential"] = "linear",
    *,
    centred: bool = True,
    temperature: float = 1.0,
) -> list[float]:
    """The wᵢ of L = −Σ wᵢ log π(yᵢ|x), by rank of the reward within the group, best first.

    linear: the k-th best of n weighs (n − k + 1) / (n(n + 1)/2); exponential: ∝ exp(−(k − 1) / temperature).
    Weights sum to 1; completions of equal reward share the mean weight of their places; `centred` subtracts 1/n,
    so that weights sum to 0 and the worst are pushed down.
    """

    def weights(known: list[float]) -> list[float]:
        shift = 1.0 / len(known) if centred else 0.0
        by_place = _place_weights(len(known), form, temperature)
        return [weight - shift for weight in _share_ties(known, by_place)]

    return over_known(rewards, weights)


def _place_weights(count: int, form: str, temperature: float) -> list[float]:
    if form == "linear":
        raw = [float(count - place) for place in range(count)]
    else:
        raw = [math.exp(-place / temperature) for place in range(count)]
    total = math.fsum(raw)
    return [weight / total for weight in raw]


def _share_ties(rewards: list[float], by_place: list[float]) -> list[float]:
    """Each completion's weight: the mean over the places that its reward's ties take up."""
    order = sorted(range(len(rewards)), key=lambda index: -rewards[index])
    shared = [0.0] * len(rewards)
    start = 0
    while start < len(order):
        end = start + 1
        while end < len(order) and rewards[order[end - 1]] - rewards[order[end]] <= EQUAL_REWARDS:
            end += 1
        mean = math.fsum(by_place[start:end]) / (end - start)
        for index in order[start:end]:
            shared[index] = mean
        start = end
    return shared
