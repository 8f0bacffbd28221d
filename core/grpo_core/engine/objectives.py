"""A GRPO trainer whose advantages and loss are those of our objectives; sampling and update stay TRL's.

`grpo`: TRL's own advantage, with groups of equal rewards set to exactly 0 (rounding leaves TRL up to 1e-3 there).
`rank`: L = −Σ wᵢ log π(yᵢ|x), summed over a group's k completions and averaged over groups. On-policy the gradient of
TRL's `dr_grpo` loss with advantages wᵢ is the gradient of −Σᵢ wᵢ Σₜ log π(yᵢₜ) / (B · max_completion_length) over a
batch of B completions, so multiplying by k · max_completion_length makes it L exactly.
"""

from __future__ import annotations

from typing import Any

import torch
from trl import GRPOTrainer

from grpo_core.config import RunConfig
from grpo_core.objective import rank_weights
from grpo_core.types import EQUAL_REWARDS


def with_objective(base: type[GRPOTrainer]) -> type[GRPOTrainer]:
    """The trainer class for our objectives on top of TRL's (or a backend's own) GRPOTrainer.

    A function, because a backend may replace GRPOTrainer when it is imported.
    """

    class ObjectiveTrainer(base):
        """`run_config` decides the objective; everything else is the base class's."""

        run_config: RunConfig

        def __init__(self, *args: Any, run_config: RunConfig, **kwargs: Any) -> None:
            self.run_config = run_config
            self._group_rewards = torch.empty(0)
            super().__init__(*args, **kwargs)

        def _calculate_rewards(self, *args: Any, **kwargs: Any) -> torch.Tensor:
            rewards = super()._calculate_rewards(*args, **kwargs)
            self._group_rewards = weighted_rewards(rewards, self.reward_weights).view(-1, self.num_generations)
            return rewards

        def _generate_and_score_completions(self, inputs: Any) -> dict[str, Any]:
            output = super()._generate_and_score_completions(inputs)
            if self.model.training:
                output["advantages"] = self._own_advantages(output["advantages"])
            return output

        def _own_advantages(self, advantages: torch.Tensor) -> torch.Tensor:
            start = self.accelerator.process_index * len(advantages)
            rewards = self._group_rewards
            if self.run_config.objective == "rank":
                weights = rank_tensor(rewards, self.run_config)
                return weights.flatten()[start : start + len(advantages)].to(advantages)
            equal = equal_rewards(rewards).repeat_interleave(self.num_generations)
            return advantages.masked_fill(equal[start : start + len(advantages)], 0.0)

        def compute_loss(self, *args: Any, **kwargs: Any) -> torch.Tensor:
            loss = super().compute_loss(*args, **kwargs)
            if self.run_config.objective != "rank":
                return loss
            return loss * (self.num_generations * self.max_completion_length)

    ObjectiveTrainer.__name__ = ObjectiveTrainer.__qualname__ = f"Objective{base.__name__}"
    return ObjectiveTrainer


def weighted_rewards(rewards: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """(N, functions) → (N,): TRL's weighted sum; nan where no function scored the completion."""
    summed = (rewards * weights.to(rewards.device)).nansum(dim=1)
    return summed.masked_fill(rewards.isnan().all(dim=1), torch.nan)


def equal_rewards(rewards: torch.Tensor) -> torch.Tensor:
    """(groups, k) → (groups,): does every scored completion of the group earn the same?"""
    low = rewards.nan_to_num(torch.inf).amin(dim=1)
    high = rewards.nan_to_num(-torch.inf).amax(dim=1)
    return high - low <= EQUAL_REWARDS


def rank_tensor(rewards: torch.Tensor, config: RunConfig) -> torch.Tensor:
    """(groups, k) rewards → (groups, k) weights."""
    rows = [[None if reward != reward else reward for reward in group] for group in rewards.tolist()]
    weights = [
        rank_weights(row, config.rank_weights, centred=config.rank_centred, temperature=config.rank_temperature)
        for row in rows
    ]
    return torch.tensor(weights, dtype=torch.float32)
