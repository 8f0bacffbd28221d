"""Unsloth: its loader, adapter and trainer, on one GPU. On a CPU (UNSLOTH_FORCE_CPU=1) its trainer is TRL's own.

What differs from TRL, found by running the trainer that Unsloth 2026.10.9 writes for TRL 1.14.2, and where it is met:

- Its loss computes its gradient going forward and does not look at what the loss is multiplied by afterwards: what
  scales an objective goes into the advantages (`engine.objectives`).
- Log-probabilities of single completions never leave its loss (`unsloth_loss`); no entropies are computed.
- Those that it gives elsewhere are packed to the left, in a wider window (`engine.sequences.aligned`).
- A KL is logged, as 0, also where none is computed; with one, each token's is cut at ±10.
- It takes padding for what it is by the token alone: a padding token that also ends completions spoils the loss.
- The trainer makes the tokenizer pad on the right, and `generate` leaves the model without gradient checkpointing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import trl
from peft import LoraConfig
from safetensors import SafetensorError
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from grpo_core.config import RunConfig
from grpo_core.engine.arguments import loss_of
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

    def load(self, config: RunConfig, tokenizer: PreTrainedTokenizerBase, max_length: int) -> PreTrainedModel:
        from unsloth import FastLanguageModel

        with _as_config_error(config.model):
            model, repaired = FastLanguageModel.from_pretrained(
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
        if is_patched(self.trainer_class()):
            pad_apart(tokenizer, repaired)
        return self._with_adapter(FastLanguageModel, model, config, max_length) if config.lora_r else model

    def adapter(self, config: RunConfig, model: PreTrainedModel) -> LoraConfig | None:
        """Attached in `load`, by Unsloth itself."""
        return None

    def trainer_class(self) -> type[trl.GRPOTrainer]:
        return trl.GRPOTrainer

    def arguments(self, config: RunConfig, max_length: int) -> dict[str, Any]:
        own = _own_arguments(config) if is_patched(self.trainer_class()) else {}
        return {**vllm_arguments(config, max_length), **own}

    def notes(self, trainer: trl.GRPOTrainer) -> list[str]:
        if is_patched(type(trainer)):
            return ["Unsloth's loss computes no entropies, so those of completions and steps are unknown."]
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


def patched_class(trainer_class: type) -> type | None:
    """The class that Unsloth wrote, of which this is one; None for TRL's, whatever was asked for."""
    # Ours on top of it goes by its name.
    others = (each for each in trainer_class.__mro__ if not each.__module__.startswith("grpo_core."))
    return next((each for each in others if each.__name__ == "UnslothGRPOTrainer"), None)


def is_patched(trainer_class: type) -> bool:
    return patched_class(trainer_class) is not None


def pad_apart(tokenizer: PreTrainedTokenizerBase, repaired: PreTrainedTokenizerBase) -> None:
    """Give the tokenizer the padding token that Unsloth found for its own, where it has none but the token that ends
    completions; raises ConfigError where that is no token of both."""
    if tokenizer.pad_token_id != tokenizer.eos_token_id:
        return
    pad = repaired.pad_token
    if pad is None or repaired.pad_token_id == tokenizer.eos_token_id:
        raise ConfigError("The tokenizer has no padding token of its own, which Unsloth needs: set backend = trl.")
    tokenizer.add_special_tokens({"pad_token": pad})
    if tokenizer.pad_token_id != repaired.pad_token_id:
        raise ConfigError(f"The padding token {pad!r} is another for Unsloth than for transformers: set backend = trl.")


def _own_arguments(config: RunConfig) -> dict[str, Any]:
    """What its GRPOConfig takes otherwise than TRL's, or alone."""
    scaled = config.scale_rewards == "group" and loss_of(config).loss_type == "dr_grpo"
    # Its word for `group` there, which it would turn into `none`.
    kept = {"scale_rewards": None} if scaled else {}
    return {"unsloth_grpo_mini_batch": config.unsloth_grpo_mini_batch, **kept}


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
    except (OSError, ValueError, RuntimeError, NotImplementedError, SafetensorError) as error:
        raise ConfigError(f"Unsloth cannot load the model {name}: {error}") from error
