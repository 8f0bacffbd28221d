"""Unsloth: its loader, adapter and trainer, on one GPU. On a CPU (UNSLOTH_FORCE_CPU=1) its trainer is TRL's own.

Two traps that decide how the rest of the engine is written (read in 2026.10.9; `unsloth_zoo.rl_replacements`). Its loss
computes its gradient going forward and does not look at what the loss is multiplied by afterwards: so whatever scales
an objective goes into the advantages, never onto the loss (`engine.objectives`). And within the loss it asks for no
log-probabilities of single completions: those of an update are unknown unless sampling gave them (`engine.capture`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import trl
from peft import LoraConfig
from transformers import PreTrainedModel

from grpo_core.config import RunConfig
from grpo_core.engine.backends.base import vllm_arguments
from grpo_core.engine.policy import model_path, training_dtype
from grpo_core.errors import ConfigError
from grpo_core.runs.backends import FORCE_CPU

_ALL_LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
"""What `all-linear` is for Unsloth: the layers that it has kernels for."""
_LEAST_RANK = 8
"""The least rank that vLLM makes room for."""


class UnslothBackend:
    name = "unsloth"

    @property
    def own_gradient(self) -> bool:
        return is_patched(self.trainer_class())

    def load(self, config: RunConfig, max_length: int) -> PreTrainedModel:
        from unsloth import FastLanguageModel

        with _as_config_error(config.model):
            model, _ = FastLanguageModel.from_pretrained(
                model_name=model_path(config.model),
                max_seq_length=max_length,
                dtype=training_dtype(config),
                load_in_4bit=config.load_in_4bit,
                full_finetuning=config.lora_r == 0,
                use_gradient_checkpointing="unsloth",
                random_state=config.seed,
                trust_remote_code=False,
                **_of_a_gpu(config),
            )
        return self._with_adapter(FastLanguageModel, model, config, max_length) if config.lora_r else model

    def adapter(self, config: RunConfig, model: PreTrainedModel) -> LoraConfig | None:
        """Attached in `load`, by Unsloth itself."""
        return None

    def trainer_class(self) -> type[trl.GRPOTrainer]:
        return trl.GRPOTrainer

    def arguments(self, config: RunConfig, max_length: int) -> dict[str, Any]:
        own = {"unsloth_num_chunks": config.unsloth_num_chunks} if is_patched(self.trainer_class()) else {}
        return {**vllm_arguments(config, max_length), **own}

    def notes(self, trainer: trl.GRPOTrainer) -> list[str]:
        if is_patched(type(trainer)):
            return []
        if os.environ.get(FORCE_CPU) == "1":
            return [f"Unsloth {version('unsloth')} has no GPU here: TRL's own trainer trains, on the CPU."]
        return [
            f"Unsloth {version('unsloth')} did not put its trainer in the place of TRL's, so plain TRL trains, slower "
            f"and in more memory. The log says why; another version of Unsloth may fit this TRL {trl.__version__}."
        ]

    @staticmethod
    def _with_adapter(loader: Any, model: PreTrainedModel, config: RunConfig, max_length: int) -> PreTrainedModel:
        targets = config.lora_target_modules
        return loader.get_peft_model(
            model,
            r=config.lora_r,
            lora_alpha=config.lora_alpha,
            lora_dropout=config.lora_dropout,
            use_rslora=config.use_rslora,
            target_modules=_ALL_LINEAR if targets == "all-linear" else targets,
            bias="none",
            use_gradient_checkpointing="unsloth",
            random_state=config.seed,
            max_seq_length=max_length,
        )


def is_patched(trainer_class: type) -> bool:
    """Is the trainer one that Unsloth wrote anew, whatever was asked for?"""
    return any(each.__name__.startswith("Unsloth") for each in trainer_class.__mro__)


def _of_a_gpu(config: RunConfig) -> dict[str, Any]:
    """What the loader for a CPU does not know."""
    if os.environ.get(FORCE_CPU) == "1":
        return {}
    return {
        # The model that was asked for, not a mirror of it that was quantized already.
        "use_exact_model_name": True,
        "fast_inference": config.use_vllm,
        "gpu_memory_utilization": config.vllm_gpu_memory_utilization,
        "max_lora_rank": max(config.lora_r, _LEAST_RANK),
    }


@contextmanager
def _as_config_error(name: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, RuntimeError, NotImplementedError) as error:
        raise ConfigError(f"Unsloth cannot load the model {name}: {error}") from error
