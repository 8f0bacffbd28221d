"""The gradient that the trainer takes for `rank` is that of L = −Σ wᵢ log π(yᵢ|x), by autograd on the same policy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import TrainerCallback

from grpo_core.config import RunConfig
from grpo_core.engine.policy import load_model, load_tokenizer
from grpo_core.engine.train import make_trainer
from grpo_core.oracle import JudgePool
from grpo_core.problems import load_problem_set
from grpo_core.rewards import Scorer

pytestmark = pytest.mark.training


class GradientKeeper(TrainerCallback):
    """Keeps the gradient as it is when the optimizer is about to take it."""

    gradients: dict[str, torch.Tensor]

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
        self.gradients = {name: weight.grad.clone() for name, weight in model.named_parameters()}


@pytest.mark.parametrize("form", ["linear", "exponential"])
@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("micro_batch", [32, 8], ids=["whole", "accumulated"])
def test_the_gradient_is_that_of_rank_weighted_likelihood(
    tmp_path: Path, form: str, centred: bool, micro_batch: int
) -> None:
    config = RunConfig(
        objective="rank",
        rank_weights=form,  # type: ignore[arg-type]
        rank_centred=centred,
        num_generations=4,
        prompts_per_step=8,
        per_device_train_batch_size=micro_batch,
        max_steps=1,
        max_grad_norm=1e9,
        seed=3,
    )
    taken, batch = gradient_taken(config, tmp_path)
    expected = gradient_by_autograd(config, batch)
    assert batch["advantages"].abs().sum() > 0
    scale = max(gradient.abs().max().item() for gradient in expected.values())
    for name, gradient in expected.items():
        assert torch.allclose(taken[name], gradient, rtol=0, atol=1e-5 * scale), name


def gradient_taken(config: RunConfig, folder: Path) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """One real step: the gradient before the optimizer, and the generation with its advantages."""
    problems, tokenizer = load_problem_set(config.problems), load_tokenizer(config.model)
    with JudgePool() as pool:
        trainer = make_trainer(config, folder, problems, tokenizer, Scorer(pool))
        keeper, batch = GradientKeeper(), {}
        generate = trainer._generate_and_score_completions

        def keep(inputs: Any) -> Any:
            batch.update(generate(inputs))
            return dict(batch)

        trainer._generate_and_score_completions = keep
        trainer.add_callback(keeper)
        trainer.train()
    return keeper.gradients, batch


def gradient_by_autograd(config: RunConfig, batch: dict[str, Any]) -> dict[str, torch.Tensor]:
    """∇ of the mean over groups of −Σᵢ wᵢ log π(yᵢ|x), with log π(y|x) the plain sum over y's tokens."""
    model = load_model(config.model)
    model.train()
    ids = torch.cat([batch["prompt_ids"], batch["completion_ids"]], dim=1)
    mask = torch.cat([batch["prompt_mask"], batch["completion_mask"]], dim=1)
    length = batch["completion_ids"].shape[1]
    logits = model(input_ids=ids, attention_mask=mask).logits[:, -length - 1 : -1]
    logprobs = logits.log_softmax(-1).gather(-1, batch["completion_ids"].unsqueeze(-1)).squeeze(-1)
    log_likelihood = (logprobs * batch["completion_mask"]).sum(-1)
    weighted = (batch["advantages"] * log_likelihood).view(-1, config.num_generations)
    (-weighted.sum(-1).mean()).backward()
    return {name: weight.grad for name, weight in model.named_parameters() if weight.grad is not None}
