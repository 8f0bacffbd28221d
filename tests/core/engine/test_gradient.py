"""The gradient that the trainer takes is that of each objective's equation, by autograd on the same policy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import PreTrainedModel, TrainerCallback
from trl import GRPOTrainer

from grpo_core.config import RunConfig
from grpo_core.engine.backends.trl import TrlBackend
from grpo_core.engine.policy import load_model, load_tokenizer
from grpo_core.engine.rewarding import Failures, load_rewards, reward_functions
from grpo_core.engine.trainer import make_trainer
from grpo_core.oracle import JudgePool
from grpo_core.rewards import Scorer
from grpo_core.runs.material import load_material

pytestmark = pytest.mark.training
K, GROUPS = 4, 8
SETTINGS = {
    "num_generations": K,
    "prompts_per_step": GROUPS,
    "max_steps": 1,
    "save_steps": 1,
    "max_grad_norm": 1e9,
    "seed": 3,
}
CASES = [
    {"objective": "grpo", "loss_type": "dapo"},
    {"objective": "grpo", "loss_type": "dapo", "beta": 0.5},
    {"objective": "dr_grpo"},
    {"objective": "dapo"},
    {"objective": "gspo"},
    {"objective": "cispo"},
    {"objective": "rloo"},
    {"objective": "rloo", "beta": 0.5},
    {"objective": "rank", "rank_weights": "linear", "rank_centred": True},
    {"objective": "rank", "rank_weights": "exponential", "rank_centred": False},
    {"objective": "rank", "rank_weights": "adaptive", "beta": 0.5},
    {"objective": "dpo", "dpo_beta": 0.3},
]


class GradientKeeper(TrainerCallback):
    """Keeps the gradient as it is when the optimizer is about to take it."""

    gradients: dict[str, torch.Tensor]

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
        self.gradients = {name: weight.grad.clone() for name, weight in model.named_parameters()}


ACCUMULATED = [{**settings, "per_device_train_batch_size": 8} for settings in CASES[3:10:3]]


@pytest.mark.parametrize("settings", [*CASES, *ACCUMULATED], ids=lambda s: "-".join(str(value) for value in s.values()))
def test_the_gradient_is_that_of_the_equation(tmp_path: Path, settings: dict) -> None:
    assert_gradient_of_the_equation(RunConfig(**SETTINGS, **settings), tmp_path)


def assert_gradient_of_the_equation(config: RunConfig, folder: Path) -> None:
    taken, batch, referred = gradient_taken(config, folder)
    expected = gradient_by_autograd(config, batch)
    assert batch["advantages"].abs().sum() > 0
    assert referred is (config.objective == "dpo" or config.beta > 0), "a reference in memory only where it is needed"
    # A KL is a small difference of large numbers.
    tolerance = (1e-4 if config.beta else 1e-5) * max(gradient.abs().max().item() for gradient in expected.values())
    for name, gradient in expected.items():
        assert torch.allclose(taken[name], gradient, rtol=0, atol=tolerance), name


class _BlindToItsFactor(torch.autograd.Function):
    """Hands its gradient on as it was computed, whatever the loss was multiplied by: as Unsloth's loss does."""

    @staticmethod
    def forward(ctx: Any, loss: torch.Tensor) -> torch.Tensor:
        return loss.clone()

    @staticmethod
    def backward(ctx: Any, upstream: torch.Tensor) -> torch.Tensor:
        return torch.ones_like(upstream)


class _OwnGradientTrainer(GRPOTrainer):
    def compute_loss(self, *args: Any, **kwargs: Any) -> torch.Tensor:
        return _BlindToItsFactor.apply(super().compute_loss(*args, **kwargs))


class _OwnGradientBackend(TrlBackend):
    own_gradient = True

    def trainer_class(self) -> type[GRPOTrainer]:
        return _OwnGradientTrainer


@pytest.mark.parametrize("settings", CASES[7:], ids=lambda s: "-".join(str(value) for value in s.values()))
def test_a_loss_with_a_gradient_of_its_own_takes_the_same(
    tmp_path: Path, settings: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grpo_core.engine.trainer.backend_of", lambda config: _OwnGradientBackend())
    test_the_gradient_is_that_of_the_equation(tmp_path, settings)


def moved(model: PreTrainedModel) -> PreTrainedModel:
    """A policy that is not its reference any more, the same way every time."""
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for weight in model.parameters():
            weight += 0.01 * torch.randn(weight.shape, generator=generator)
    return model


def gradient_taken(config: RunConfig, folder: Path) -> tuple[dict[str, torch.Tensor], dict[str, Any], bool]:
    """One real step: the gradient before the optimizer, the generation with its advantages, is there a reference."""
    material, tokenizer = load_material(config), load_tokenizer(config.model)
    with JudgePool() as pool:
        functions = reward_functions(load_rewards(config, Failures()), Scorer(pool))
        trainer = make_trainer(config, folder, material, tokenizer, functions)
        moved(trainer.model)
        keeper, batch = GradientKeeper(), {}
        generate = trainer._generate_and_score_completions

        def keep(inputs: Any) -> Any:
            batch.update(generate(inputs))
            return dict(batch)

        trainer._generate_and_score_completions = keep
        trainer.add_callback(keeper)
        trainer.train()
    return keeper.gradients, batch, trainer.ref_model is not None


def gradient_by_autograd(config: RunConfig, batch: dict[str, Any]) -> dict[str, torch.Tensor]:
    model = moved(load_model(config.model))
    model.train()
    mask = batch["completion_mask"]
    logprobs = token_logprobs(model, batch)
    with torch.no_grad():
        difference = token_logprobs(load_model(config.model).train(), batch) - logprobs
    loss_of_equation(config, batch, logprobs, mask, difference).backward()
    return {name: weight.grad for name, weight in model.named_parameters() if weight.grad is not None}


def token_logprobs(model: PreTrainedModel, batch: dict[str, Any], temperature: float = 1.0) -> torch.Tensor:
    ids = torch.cat([batch["prompt_ids"], batch["completion_ids"]], dim=1)
    mask = torch.cat([batch["prompt_mask"], batch["completion_mask"]], dim=1)
    length = batch["completion_ids"].shape[1]
    logits = model(input_ids=ids, attention_mask=mask).logits[:, -length - 1 : -1] / temperature
    return logits.log_softmax(-1).gather(-1, batch["completion_ids"].unsqueeze(-1)).squeeze(-1)


def loss_of_equation(
    config: RunConfig, batch: dict[str, Any], logprobs: torch.Tensor, mask: torch.Tensor, difference: torch.Tensor
) -> torch.Tensor:
    """Each objective as its paper writes it, on-policy. `difference`: log π_ref − log π by token, a constant."""
    advantages, likelihood = batch["advantages"], (logprobs * mask).sum(-1)
    groups = advantages.view(-1, K)
    # The gradient of the reverse KL, token by token: (log π − log π_ref) ∇ log π.
    kl = config.beta * (-difference * logprobs * mask)
    if config.objective == "rank":
        return -(groups * likelihood.view(-1, K)).sum(-1).mean() + kl.sum(-1).mean()
    if config.objective == "rloo":
        return -(advantages * likelihood).mean() + kl.sum(-1).mean()
    if config.objective == "dpo":
        return dpo_loss(config, groups, (likelihood - ((difference + logprobs.detach()) * mask).sum(-1)).view(-1, K))
    weighted = advantages.unsqueeze(1) * logprobs * mask
    if config.objective == "dr_grpo":
        return -weighted.sum() / (len(mask) * config.max_completion_length)
    if config.objective == "gspo":
        return -(weighted.sum(-1) / mask.sum(-1)).mean()
    if config.objective == "dapo":
        signal = groups.abs().sum(-1).gt(0).repeat_interleave(K)
        assert 0 < signal.sum() < len(mask), "there are groups to leave out"
        return -weighted.sum() / mask[signal].sum()
    return (kl - weighted).sum() / mask.sum()


def dpo_loss(config: RunConfig, weights: torch.Tensor, log_ratios: torch.Tensor) -> torch.Tensor:
    """−log σ(β · margin) of the pairs, over all groups: the best is the one with a positive weight."""
    loss = torch.zeros(())
    for group, ratios in zip(weights, log_ratios, strict=True):
        if group.any():
            margin = ratios[group.argmax()] - ratios[group.argmin()]
            loss = loss - torch.nn.functional.logsigmoid(config.dpo_beta * margin)
    return loss / len(weights)
