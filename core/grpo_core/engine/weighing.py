"""Weighing a generation: its rewards → the advantages that enter the loss, and what an objective remembers.

`dapo`: groups without a signal are left out, also of the token count that the loss is divided by. Nothing is sampled in
their place, so the step is that of the smaller batch (DAPO itself samples on until the batch is full).
`dpo`: the gradient of −log σ(β · margin) is ∓β σ(−β · margin) times those of log π(y⁺) and log π(y⁻), exactly, where
the pair was sampled; the batch is shuffled after this, which would part the pair.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from trl import GRPOTrainer

from grpo_core.config import RunConfig
from grpo_core.engine.ladder import Ladder
from grpo_core.engine.sequences import aligned, sequence_logprobs
from grpo_core.objective import (
    Beyond,
    Reward,
    adaptive_temperature,
    advantages,
    follow,
    mixedness_of_groups,
    preference_pair,
    reward_std,
)
from grpo_core.rewards import total_reward

STATE_FILE = "objective_state.json"
"""In a checkpoint: what an adaptive objective remembers, exactly."""
Groups = Sequence[Sequence[Reward]]


class Weigher:
    """The advantages of one run's steps. Its state is how mixed the groups were, which adaptive rank weights follow."""

    def __init__(self, config: RunConfig) -> None:
        self._config = config
        self._adaptive = config.objective == "rank" and config.rank_weights == "adaptive"
        self._mixedness: float | None = None
        spread = config.temperature_ladder > 0
        self._ladder = Ladder(config.member_temperatures, config.temperature) if spread else None

    @contextmanager
    def sampling(self, trainer: GRPOTrainer, count: int) -> Iterator[None]:
        """Around the sampling of this process's `count` completions of a training step."""
        if self._ladder and trainer.model.training:
            with self._ladder.sampling(trainer, count):
                yield
        else:
            yield

    def weigh(self, trainer: GRPOTrainer, rewards: torch.Tensor, output: dict[str, Any]) -> None:
        """Put our advantages in the place of TRL's. `rewards`: (groups, k) of all processes, `output` of this one."""
        groups = known_rewards(rewards)
        beyond = self._beyond(trainer, groups, output)
        found = [advantages(self._config, each, more) for each, more in zip(groups, beyond, strict=True)]
        nothing = [0.0] * rewards.shape[1]
        weighed = torch.tensor([value for group in found for value in group or nothing])
        output["advantages"] = _local(trainer, weighed, output).to(output["advantages"])
        if self._config.objective == "dapo":
            _leave_out(trainer, groups, output)
        if self._ladder and self._config.objective != "dpo":
            importance = self._ladder.importance(trainer, output)
            output["importance_weights"] = importance
            output["advantages"] = output["advantages"] * importance
            _log(trainer, "sampling/importance_sampling_ratio/mean", importance.mean().item())
            _log(trainer, "sampling/importance_sampling_ratio/max", importance.max().item())

    def save(self, checkpoint: Path) -> None:
        if self._adaptive:
            (checkpoint / STATE_FILE).write_text(json.dumps({"mixedness": self._mixedness}))

    def load(self, checkpoint: Path) -> None:
        if self._adaptive:
            self._mixedness = json.loads((checkpoint / STATE_FILE).read_text())["mixedness"]

    def _beyond(self, trainer: GRPOTrainer, groups: Groups, output: dict[str, Any]) -> list[Beyond]:
        if self._adaptive:
            self._follow(trainer, groups)
            return [Beyond(mixedness=self._mixedness or 0.0)] * len(groups)
        if self._config.objective == "dpo":
            log_ratios = _log_ratios(trainer, output).view(len(groups), -1).tolist()
            _log_pairs(trainer, groups, log_ratios, self._config.dpo_beta)
            return [Beyond(log_ratios=each) for each in log_ratios]
        return [Beyond(batch_std=reward_std([reward for group in groups for reward in group]))] * len(groups)

    def _follow(self, trainer: GRPOTrainer, groups: Groups) -> None:
        self._mixedness = follow(self._mixedness, mixedness_of_groups(groups))
        if self._mixedness is not None:
            scale = self._config.rank_temperature
            _log(trainer, "rank/mixedness", self._mixedness)
            _log(trainer, "rank/temperature", adaptive_temperature(self._mixedness, len(groups[0]), scale))


def total_rewards(rewards: torch.Tensor, weights: Mapping[str, float]) -> torch.Tensor:
    """(N, functions) → (N,): the weighted sum that the objective sees; nan where there is none (`total_reward`)."""
    found = [total_reward(dict(zip(weights, row, strict=True)), weights) for row in known_rewards(rewards)]
    return torch.tensor([torch.nan if each is None else each for each in found], device=rewards.device)


def known_rewards(rewards: torch.Tensor) -> list[list[Reward]]:
    """(groups, k) → rows, with None for nan."""
    return [[None if reward != reward else reward for reward in group] for group in rewards.tolist()]


def _log_ratios(trainer: GRPOTrainer, output: dict[str, Any]) -> torch.Tensor:
    """(N,) of all processes: log π(y|x) − log π_ref(y|x), nats."""
    mask = output["completion_mask"]
    reference = (aligned(output["ref_per_token_logps"], output["prompt_mask"], mask.shape[1]) * mask).sum(-1)
    return trainer.accelerator.gather(sequence_logprobs(trainer, output) - reference)


def _log_pairs(trainer: GRPOTrainer, groups: Groups, log_ratios: Sequence[Sequence[float]], beta: float) -> None:
    """DPO's own figures, in the names of TRL's DPOTrainer where it has one."""
    pairs = [(preference_pair(group), ratios) for group, ratios in zip(groups, log_ratios, strict=True)]
    margins = torch.tensor([beta * (ratios[pair[0]] - ratios[pair[1]]) for pair, ratios in pairs if pair])
    _log(trainer, "dpo/pairs", len(margins) / len(groups))
    if len(margins):
        _log(trainer, "dpo/loss", -torch.nn.functional.logsigmoid(margins).mean().item())
        _log(trainer, "rewards/margins", margins.mean().item())
        _log(trainer, "rewards/accuracies", (margins > 0).float().mean().item())


def _leave_out(trainer: GRPOTrainer, groups: Groups, output: dict[str, Any]) -> None:
    """Count the tokens of groups with a signal only (of all, where there is none: nothing moves then anyway)."""
    signal = torch.tensor([preference_pair(group) is not None for group in groups])
    mask = output["completion_mask"]
    kept = _local(trainer, signal.repeat_interleave(len(groups[0])), output).to(mask)
    tokens = trainer.accelerator.gather((mask * kept.unsqueeze(1)).sum()).sum()
    if tokens > 0:
        output["num_items_in_batch"] = tokens.to(output["num_items_in_batch"])
    _log(trainer, "dapo/groups_left_out", 1.0 - signal.float().mean().item())


def _local(trainer: GRPOTrainer, gathered: torch.Tensor, output: dict[str, Any]) -> torch.Tensor:
    """This process's part of what is there once for each completion of all processes."""
    count = len(output["completion_ids"])
    start = trainer.accelerator.process_index * count
    return gathered[start : start + count]


def _log(trainer: GRPOTrainer, key: str, value: float) -> None:
    """A metric of this step, logged with TRL's own."""
    trainer._metrics["train"][key].append(value)
