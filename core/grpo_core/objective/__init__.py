"""The rewards of one group → what each completion weighs in the update. Pure arithmetic on floats, no torch.

`OBJECTIVES` says what there is, each with its equation and source; `advantages` computes any of them for a group.

A reward of None is unscorable: it stays out of the baseline and of the ranking, and its advantage is 0.
A group whose rewards are all equal (within `EQUAL_REWARDS`) moves nothing: every advantage is exactly 0.
"""

from grpo_core.objective.entry import MOST_IMPORTANCE, Beyond, ObjectiveSettings, advantages, truncated_importance
from grpo_core.objective.group import Reward, grpo_advantages, reward_std, rloo_advantages
from grpo_core.objective.mixedness import adaptive_temperature, follow, mixedness, mixedness_of_groups
from grpo_core.objective.pair import dpo_weights, preference_pair
from grpo_core.objective.rank import rank_weights
from grpo_core.objective.table import OBJECTIVES, ObjectiveInfo

__all__ = [
    "MOST_IMPORTANCE",
    "OBJECTIVES",
    "Beyond",
    "ObjectiveInfo",
    "ObjectiveSettings",
    "Reward",
    "adaptive_temperature",
    "advantages",
    "dpo_weights",
    "follow",
    "grpo_advantages",
    "mixedness",
    "mixedness_of_groups",
    "preference_pair",
    "rank_weights",
    "reward_std",
    "rloo_advantages",
    "truncated_importance",
]
