"""The trainer of one run: its backend's, with our objective, reward functions and problems."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from datasets import Dataset
from transformers import PreTrainedTokenizerBase, set_seed
from trl import GRPOTrainer

from grpo_core.config import RunConfig
from grpo_core.engine.arguments import grpo_arguments
from grpo_core.engine.backends import Backend, backend_of
from grpo_core.engine.describe import trainer_facts
from grpo_core.engine.objectives import with_objective
from grpo_core.engine.prompts import has_chat, longest_prompt
from grpo_core.engine.texts import problem_row
from grpo_core.runs.approximations import approximations
from grpo_core.runs.material import Material, training_count
from grpo_core.runs.status import NOT_STOPPED
from grpo_core.types import Problem


def make_trainer(
    config: RunConfig,
    output_dir: Path,
    material: Material,
    tokenizer: PreTrainedTokenizerBase,
    functions: list[Callable[..., list[float | None]]],
) -> GRPOTrainer:
    """The trainer, its policy loaded; raises ConfigError where that cannot be.

    The seed is set here too, since TRL sets it only after it has drawn an adapter's first weights.
    """
    set_seed(config.seed)
    backend = backend_of(config)
    problems = material.train.train_problems(training_count(config), config.seed)
    prompt = longest_prompt([*problems, *material.heldout], material.prompting, tokenizer)
    length = prompt + config.max_completion_length
    model = backend.load(config, tokenizer, length)
    return with_objective(backend.trainer_class(), own_gradient=backend.own_gradient)(
        model=model,
        args=grpo_arguments(config, output_dir, backend.arguments(config, length)),
        train_dataset=training_dataset(problems, material, chat=has_chat(tokenizer)),
        reward_funcs=functions,
        processing_class=tokenizer,
        peft_config=backend.adapter(config, model),
        run_config=config,
    )


def training_dataset(problems: Sequence[Problem], material: Material, *, chat: bool) -> Dataset:
    return Dataset.from_list([problem_row(problem, material.prompting, chat=chat) for problem in problems])


def describe_run(config: RunConfig, trainer: GRPOTrainer) -> dict[str, Any]:
    """The run's facts; a resume says again that nothing has stopped it."""
    backend: Backend = backend_of(config)
    return {
        **trainer_facts(trainer),
        "backend": backend.name,
        "model": config.model,
        "objective": config.objective_label,
        "notes": [*backend.notes(trainer), *approximations(config)],
        "reward_failures": [],
        **NOT_STOPPED,
    }
