"""A GRPO trainer whose advantages and loss are those of our objectives; sampling and update stay TRL's.

Every objective is advantages that `weighing` puts in the place of TRL's, in a loss of TRL's (`arguments.LOSSES`).

Where log π(y|x) is the plain sum over y's tokens (`rank`, `dpo`, `rloo`): on-policy the gradient of TRL's `dr_grpo`
loss with advantages wᵢ is that of −Σᵢ wᵢ Σₜ log π(yᵢₜ) / (B · max_completion_length) over a batch of B completions.
Times max_completion_length it is the mean over completions (`rloo`); times k besides, the sum over a group's
completions, averaged over groups (`rank`, `dpo`). A loss that brings a gradient of its own (Unsloth's) does not see
what it is multiplied by: there the same factor goes into the advantages and β, of which every loss is homogeneous.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from trl import GRPOTrainer

from grpo_core.config import RunConfig
from grpo_core.engine.arguments import kl_in_loss, loss_of
from grpo_core.engine.weighing import Weigher, total_rewards


def with_objective(base: type[GRPOTrainer], *, own_gradient: bool = False) -> type[GRPOTrainer]:
    """The trainer class for our objectives on top of TRL's (or a backend's own) GRPOTrainer, by whose name it goes.

    A function, because a backend may replace GRPOTrainer when it is imported. `own_gradient`: the loss of `base`
    computes its gradient itself, so that nothing done to the loss afterwards changes it.
    """

    class ObjectiveTrainer(base):
        """`run_config` decides the objective; everything else is the base class's."""

        run_config: RunConfig

        def __init__(self, *args: Any, run_config: RunConfig, **kwargs: Any) -> None:
            self.run_config = run_config
            self._weigher = Weigher(run_config)
            self._group_rewards = torch.empty(0)
            super().__init__(*args, **kwargs)
            self.beta = kl_in_loss(run_config)

        def _generate_single_turn(self, prompt_ids: Any, *args: Any, **kwargs: Any) -> Any:
            with self._weigher.sampling(self, len(prompt_ids)):
                return super()._generate_single_turn(prompt_ids, *args, **kwargs)

        def _calculate_rewards(self, *args: Any, **kwargs: Any) -> torch.Tensor:
            rewards = super()._calculate_rewards(*args, **kwargs)
            totals = total_rewards(rewards, self.run_config.recorded_rewards)
            self._group_rewards = totals.view(-1, self.num_generations)
            # For TRL a completion is unscored, and out of its own figures, only where no function scored it.
            return rewards.masked_fill(totals.isnan().unsqueeze(1), torch.nan)

        def _generate_and_score_completions(self, inputs: Any) -> dict[str, Any]:
            # For `dpo`: TRL computes the reference's log-probabilities here, and its loss takes no KL.
            with self._with_beta(self.args.beta):
                output = super()._generate_and_score_completions(inputs)
            if self.model.training:
                self._weigher.weigh(self, self._group_rewards, output)
            return output

        def compute_loss(self, model: Any, inputs: dict[str, Any], *args: Any, **kwargs: Any) -> torch.Tensor:
            factor = loss_factor(self.run_config)
            before, after = (factor, 1) if own_gradient else (1, factor)
            scaled = {**inputs, "advantages": inputs["advantages"] * before}
            with self._with_beta(self.beta * before):
                loss = super().compute_loss(model, scaled, *args, **kwargs) * after
            _forget_unmeasured_kl(self)
            return loss

        @contextmanager
        def _with_beta(self, beta: float) -> Iterator[None]:
            before, self.beta = self.beta, beta
            try:
                yield
            finally:
                self.beta = before

        def _save_checkpoint(self, model: Any, trial: Any) -> None:
            super()._save_checkpoint(model, trial)
            if self.args.should_save:
                self._weigher.save(Path(self._get_output_dir(trial=trial)) / f"checkpoint-{self.state.global_step}")

        def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
            super()._load_optimizer_and_scheduler(checkpoint)
            if checkpoint is not None:
                self._weigher.load(Path(checkpoint))

    # What a screen calls it: the class that really trains, whatever was asked for.
    ObjectiveTrainer.__name__ = ObjectiveTrainer.__qualname__ = base.__name__
    return ObjectiveTrainer


def _forget_unmeasured_kl(trainer: GRPOTrainer) -> None:
    """Unsloth logs a KL of 0 where it computes none."""
    if not trainer.beta:
        trainer._metrics["train"].pop("kl", None)


def loss_factor(config: RunConfig) -> int:
    """What TRL's loss is multiplied by, so that it is a sum over tokens (see above); 1 for its own means."""
    if not loss_of(config).of_sums:
        return 1
    completions = 1 if config.objective == "rloo" else config.num_generations
    return completions * config.max_completion_length
