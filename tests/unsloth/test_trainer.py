"""Capture, arguments and evaluation on Unsloth's trainer, in a run as the engine makes one."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import get_peft_model
from transformers import TrainerCallback
from trl import GRPOTrainer

from grpo_core.config import RunConfig
from grpo_core.engine.arguments import grpo_arguments, lora_arguments
from grpo_core.engine.backends import backend_of
from grpo_core.engine.backends.base import vllm_arguments
from grpo_core.engine.backends.unsloth import is_patched
from grpo_core.engine.policy import load_model, load_tokenizer
from grpo_core.engine.prompts import encode_prompts
from grpo_core.engine.rewarding import Failures, load_rewards, reward_functions
from grpo_core.engine.train import add_callbacks, open_recorder, policy_of
from grpo_core.engine.trainer import describe_run, make_trainer
from grpo_core.oracle import JudgePool
from grpo_core.rewards import Scorer
from grpo_core.runs import RunFolder, create_run
from grpo_core.runs.material import load_material
from grpo_core.store import LiveFeedReader
from grpo_core.types import Completion
from tests.core.engine.test_gradient import loss_of_equation, token_logprobs

pytestmark = pytest.mark.training
SETTINGS = {
    "backend": "unsloth",
    "num_generations": 4,
    "prompts_per_step": 8,
    "per_device_train_batch_size": 8,
    "max_steps": 2,
    "warmup_steps": 0,
    "seed": 3,
    "threads": 1,
}


@dataclass
class Trained:
    """A run that trained to its end in this process, with what each step sampled and under which weights."""

    folder: RunFolder
    trainer: GRPOTrainer
    fresh_generate: Any
    weights: list[dict[str, torch.Tensor]] = field(default_factory=list)
    gradients: list[dict[str, torch.Tensor]] = field(default_factory=list)
    batches: list[dict[str, Any]] = field(default_factory=list)


class _Watcher(TrainerCallback):
    def __init__(self, trained: Trained) -> None:
        self._trained = trained

    def on_step_begin(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
        self._trained.weights.append(copy.deepcopy(model.state_dict()))

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
        of_step = {name: each.grad.clone() for name, each in model.named_parameters() if each.grad is not None}
        self._trained.gradients.append(of_step)


def train_here(root: Path, config: RunConfig) -> Trained:
    """What `engine.train` does, with an eye on the trainer."""
    folder, material, tokenizer = create_run(root, config), load_material(config), load_tokenizer(config.model)
    with JudgePool() as pool:
        scorer = Scorer(pool, config.partial_alignment)
        functions = reward_functions(load_rewards(config, Failures()), scorer)
        trainer = make_trainer(config, folder.checkpoints, material, tokenizer, functions)
        trained = Trained(folder, trainer, own_generate(trainer))
        recorder = open_recorder(folder, tokenizer, trainer.eos_token_ids)
        try:
            add_callbacks(folder, config, trainer, material, scorer, recorder)
            recorder.writer.set_facts(describe_run(config, trainer))
            trainer._generate_and_score_completions = kept_by(trained, trainer._generate_and_score_completions)
            trainer.add_callback(_Watcher(trained))
            trainer.train()
        finally:
            recorder.close()
    return trained


def kept_by(trained: Trained, generate: Callable[[Any], dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
    def generate_and_score_completions(inputs: Any) -> dict[str, Any]:
        output = generate(inputs)
        trained.batches.append(dict(output))
        return output

    return generate_and_score_completions


def own_generate(trainer: GRPOTrainer) -> Any:
    """What Unsloth has put on the model in the place of transformers' `generate`."""
    return vars(trainer.model).get("generate")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    settings = {**SETTINGS, "eval_steps": 2, "eval_problems": 4, "eval_generations": 2, "temperature": 0.9}
    return train_here(tmp_path_factory.mktemp("runs"), RunConfig(**settings))


def test_the_trainer_is_unsloths(trained: Trained) -> None:
    assert is_patched(type(trained.trainer))
    assert backend_of(trained.folder.config()).own_gradient
    reader = trained.folder.reader()
    facts = reader.facts()
    reader.close()
    assert (facts["backend"], facts["trainer_class"]) == ("unsloth", "UnslothGRPOTrainer")
    assert any("entropies" in note for note in facts["notes"])


def test_the_models_generate_is_unsloths_again(trained: Trained) -> None:
    assert trained.fresh_generate is not None
    assert own_generate(trained.trainer) == trained.fresh_generate


def test_tokens_were_streamed(trained: Trained) -> None:
    batch = LiveFeedReader(trained.folder.path).poll()
    assert batch is not None
    assert (batch.step, batch.split) == (2, "train")
    assert [list(each) for each in batch.streams] == [
        [completion.text for completion in group] for group in groups_of(trained)[-8:]
    ]


def groups_of(trained: Trained) -> list[tuple[Completion, ...]]:
    """The groups that were trained on, in their order."""
    reader = trained.folder.reader()
    groups = sorted((each for each in reader.groups(1000) if each.split == "train"), key=lambda group: group.id)
    reader.close()
    return [group.completions for group in groups]


def test_every_completion_has_what_entered_the_loss(trained: Trained) -> None:
    stored = [completion for group in groups_of(trained) for completion in group]
    advantages = torch.cat([batch["advantages"] for batch in trained.batches]).tolist()
    logprobs = [value for step in range(2) for value in mean_logprobs(trained, step)]
    assert [each.advantage for each in stored] == pytest.approx(advantages, abs=1e-6)
    assert any(advantages)
    assert [each.mean_logprob for each in stored] == pytest.approx(logprobs, abs=1e-5)
    assert [each.entropy for each in stored] == [None] * len(stored)


def mean_logprobs(trained: Trained, step: int) -> list[float]:
    """Nats per token of a step's completions at the temperature that was sampled at, by transformers' own model."""
    batch, mask = trained.batches[step], trained.batches[step]["completion_mask"]
    with torch.no_grad():
        logprobs = token_logprobs(plain_policy(trained, step), batch, trained.folder.config().temperature)
    return ((logprobs * mask).sum(-1) / mask.sum(-1)).tolist()


def plain_policy(trained: Trained, step: int) -> Any:
    """The policy of a step in transformers' and PEFT's own modules."""
    config = trained.folder.config()
    model = load_model(config.model)
    if config.lora_r:
        model = get_peft_model(model, lora_arguments(config, model))
    model.load_state_dict(trained.weights[step])
    return model.eval()


def test_no_kl_is_told_where_none_is_computed(trained: Trained) -> None:
    reader = trained.folder.reader()
    metrics = reader.metrics_since()
    reader.close()
    assert "kl" not in metrics
    assert [step for step, _ in metrics["reward"]] == [1, 2]
    assert all(norm > 0 for _, norm in metrics["grad_norm"])


def test_prompts_of_an_evaluation_are_padded_on_the_left(trained: Trained) -> None:
    policy, material = policy_of(trained.trainer), load_material(trained.folder.config())
    assert policy.tokenizer.padding_side == "right", "Unsloth has stopped turning it: this test shows nothing"
    mask = encode_prompts(policy.tokenizer, material.heldout[:8], material.prompting)["attention_mask"]
    assert mask.sum() < mask.numel(), "prompts of several lengths"
    assert mask[:, -1].all()
    reader = trained.folder.reader()
    assert [each.step for each in reader.evaluations_since()] == [0, 2]
    reader.close()


@pytest.fixture(scope="module")
def adapted(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    settings = {**SETTINGS, "objective": "dpo", "dpo_beta": 0.3, "lora_r": 4, "learning_rate": 1e-2, "eval_steps": 0}
    return train_here(tmp_path_factory.mktemp("adapted"), RunConfig(**settings, max_grad_norm=1e9))


def test_the_gradient_of_an_adapter_is_that_of_the_equation(adapted: Trained) -> None:
    """In the second step, where the policy is not its reference any more."""
    config, batch, model = adapted.folder.config(), adapted.batches[1], plain_policy(adapted, 1)
    logprobs = token_logprobs(model, batch)
    with torch.no_grad(), model.disable_adapter():
        difference = token_logprobs(model, batch) - logprobs
    assert (difference * batch["completion_mask"]).abs().max() > 0.01
    loss_of_equation(config, batch, logprobs, batch["completion_mask"], difference).backward()
    expected = {name: weight.grad for name, weight in model.named_parameters() if weight.grad is not None}
    taken = adapted.gradients[1]
    assert taken.keys() == expected.keys()
    error = max((taken[name] - gradient).abs().max().item() for name, gradient in expected.items())
    assert error < 1e-4 * max(gradient.abs().max().item() for gradient in expected.values())


def test_capture_and_checkpoint_of_an_adapter(adapted: Trained) -> None:
    stored = [completion.mean_logprob for group in groups_of(adapted) for completion in group]
    assert stored == pytest.approx([value for step in range(2) for value in mean_logprobs(adapted, step)], abs=1e-5)
    assert (adapted.folder.checkpoints / "checkpoint-2" / "adapter_model.safetensors").is_file()


@pytest.mark.parametrize("objective", ["grpo", "gspo", "rank"])
def test_every_argument_arrives_as_trl_would_take_it(
    tmp_path: Path, objective: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unsloth's own GRPOConfig has other defaults, and changes some of what it is given."""
    config = RunConfig(**{**SETTINGS, "objective": objective, "beta": 0.1, "learning_rate": 3e-5, "weight_decay": 0.02})
    own = backend_of(config).arguments(config, 128)
    arrived = grpo_arguments(config, tmp_path, own)
    assert type(arrived)._unsloth_patched_rl_config
    stock = next(each for each in type(arrived).__mro__ if "_unsloth_patched_rl_config" not in vars(each))
    assert stock.__module__ == "trl.trainer.grpo_config"
    monkeypatch.setattr("grpo_core.engine.arguments.GRPOConfig", stock)
    plain = grpo_arguments(config, tmp_path, vllm_arguments(config, 128))
    both = {each.name: (getattr(plain, each.name), getattr(arrived, each.name)) for each in dataclasses.fields(stock)}
    assert {name: pair for name, pair in both.items() if pair[0] != pair[1]} == {}
    assert (arrived.learning_rate, arrived.weight_decay, arrived.seed, arrived.data_seed) == (3e-5, 0.02, 3, 3)
    if objective == "grpo":
        assert arrived.epsilon_high == arrived.epsilon == 0.2
