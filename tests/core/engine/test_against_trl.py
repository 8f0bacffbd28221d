"""Where TRL has an objective of its own, two updates of our trainer are two of TRL's, off-policy ratios included."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from trl import GRPOConfig, GRPOTrainer, RLOOConfig, RLOOTrainer

from grpo_core.config import RunConfig
from grpo_core.engine.policy import load_model, load_tokenizer
from grpo_core.engine.rewarding import Failures, load_rewards, reward_functions
from grpo_core.engine.trainer import make_trainer, training_dataset
from grpo_core.oracle import JudgePool
from grpo_core.rewards import Scorer
from grpo_core.runs.material import load_material, training_count

pytestmark = pytest.mark.training
SETTINGS = {"num_generations": 4, "prompts_per_step": 8, "max_steps": 2, "save_steps": 2, "warmup_steps": 0, "seed": 3}
COMMON: dict[str, Any] = {
    "per_device_train_batch_size": 32,
    "num_generations": 4,
    "max_steps": 2,
    "max_completion_length": 48,
    "learning_rate": 2e-4,
    "lr_scheduler_type": "constant_with_warmup",
    "adam_beta2": 0.99,
    "temperature": 1.0,
    "top_k": 0,
    "shuffle_dataset": False,
    "remove_unused_columns": False,
    "gradient_checkpointing": False,
    "bf16": False,
    "use_cpu": True,
    "seed": 3,
    "save_strategy": "no",
    "report_to": "none",
    "disable_tqdm": True,
}
CASES = {
    "grpo": {"loss_type": "dapo"},
    "grpo-off-policy": {"loss_type": "dapo", "num_iterations": 2, "epsilon": 0.01},
    "dr_grpo": {"loss_type": "dr_grpo", "scale_rewards": "none", "num_iterations": 2},
    "gspo": {
        "loss_type": "grpo",
        "importance_sampling_level": "sequence",
        "num_iterations": 2,
        "epsilon": 3e-4,
        "epsilon_high": 4e-4,
    },
    "cispo": {"loss_type": "cispo", "num_iterations": 2, "epsilon_high": 5.0},
}
OURS = {"grpo-off-policy": {"epsilon": 0.01}}


@pytest.mark.parametrize("name", CASES)
def test_two_updates_are_those_of_trl(tmp_path: Path, name: str) -> None:
    objective, iterations = name.partition("-")[0], CASES[name].get("num_iterations", 1)
    config = RunConfig(**SETTINGS, objective=objective, num_iterations=iterations, **OURS.get(name, {}))  # type: ignore[arg-type]
    theirs = GRPOConfig(output_dir=str(tmp_path / "theirs"), **{**COMMON, **CASES[name]})
    assert_equal_updates(*weights_of_both(config, tmp_path, GRPOTrainer, theirs))


def test_rloo_is_that_of_trl(tmp_path: Path) -> None:
    config = RunConfig(**SETTINGS, objective="rloo")  # type: ignore[arg-type]
    theirs = RLOOConfig(output_dir=str(tmp_path / "theirs"), beta=0.0, **COMMON)
    assert_equal_updates(*weights_of_both(config, tmp_path, RLOOTrainer, theirs))


def weights_of_both(
    config: RunConfig, folder: Path, trainer_class: type, arguments: Any
) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """The base's weights, ours after training, TRL's after training."""
    material, tokenizer = load_material(config), load_tokenizer(config.model)
    problems = material.train.train_problems(training_count(config), config.seed)
    with JudgePool() as pool:
        functions = reward_functions(load_rewards(config, Failures()), Scorer(pool))
        ours = make_trainer(config, folder / "ours", material, tokenizer, functions)
        ours.train()
        theirs = trainer_class(
            model=load_model(config.model),
            args=arguments,
            train_dataset=training_dataset(problems, material, chat=True),
            reward_funcs=functions[:1],
            processing_class=tokenizer,
        )
        theirs.train()
    return tuple(dict(model.named_parameters()) for model in (load_model(config.model), ours.model, theirs.model))  # type: ignore[return-value]


def assert_equal_updates(base: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """To a hundredth of what an update moves: groups without a signal get up to 1e-3 by rounding in TRL, and 0 here."""
    for name, before in base.items():
        moved = (theirs[name] - before).abs().mean()
        assert moved > 0
        assert (ours[name] - theirs[name]).abs().mean() < 0.01 * moved, name
