"""The rule of adaptive rank weights: their temperature follows how mixed the groups are.

1. A group is as mixed as the share of its pairs of completions that earned differently: 0 where all earned the same.
2. The state m is the mean over the first step's groups; from then on m ← 0.9 m + 0.1 × (the step's mean).
3. The temperature, in ranks, is τ = `rank_temperature` · max(n · m, 0.25) for a group of n, with the step's own m.

While most groups disagree, weight spreads over the whole ranking; as they come to agree it gathers on the best, so
that the few differences that are left still count.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from grpo_core.objective.group import Reward
from grpo_core.types import EQUAL_REWARDS

MEMORY = 0.9
"""What a step keeps of the state before it."""
LEAST_RANKS = 0.25
"""The sharpest: the second place then weighs exp(−4), a fiftieth, of the first."""


def mixedness(rewards: Sequence[Reward]) -> float | None:
    """The share of the group's pairs that earned differently, in [0, 1]; None of fewer than two scored ones."""
    known = [reward for reward in rewards if reward is not None]
    pairs = len(known) * (len(known) - 1) // 2
    if not pairs:
        return None
    different = sum(abs(one - other) > EQUAL_REWARDS for index, one in enumerate(known) for other in known[index + 1 :])
    return different / pairs


def mixedness_of_groups(groups: Iterable[Sequence[Reward]]) -> float | None:
    """The mean over a step's groups; None if none of them was scored."""
    found = [each for each in map(mixedness, groups) if each is not None]
    return math.fsum(found) / len(found) if found else None


def follow(state: float | None, step: float | None) -> float | None:
    """The state after a step's groups; it stays as it is where none of them was scored."""
    if state is None or step is None:
        return step if state is None else state
    return MEMORY * state + (1.0 - MEMORY) * step


def adaptive_temperature(state: float, count: int, scale: float = 1.0) -> float:
    """τ in ranks for a group of `count` scored completions; `scale` is `rank_temperature`."""
    return scale * max(count * state, LEAST_RANKS)
