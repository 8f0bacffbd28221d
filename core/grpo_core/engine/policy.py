"""Loading a policy and its tokenizer from a folder or a hub name, and the device it runs on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from safetensors import SafetensorError
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from grpo_core.config import RunConfig, model_folder
from grpo_core.errors import ConfigError
from grpo_core.hub import cached_file, missing_model, why_no_hub


def model_path(name: str) -> str:
    """The embedded model's folder or a local one; of a hub name the cache's folder, where the hub cannot be asked (it
    would be, for half a minute a file); else the name as it is."""
    if (folder := model_folder(name)) is not None:
        return str(folder)
    settings = cached_file(name, "config.json", "model") if why_no_hub() else None
    return str(settings.parent) if settings else name


@dataclass(frozen=True, slots=True)
class Policy:
    """A language model with its tokenizer, padded on the left."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase

    @property
    def stop_ids(self) -> frozenset[int]:
        """The tokens that end a completion."""
        named = self.model.generation_config.eos_token_id
        ids = named if isinstance(named, list) else [named]
        return frozenset(i for i in [*ids, self.tokenizer.eos_token_id] if i is not None)


def load_policy(name: str) -> Policy:
    """The policy of this name; raises ConfigError with what is wrong with it."""
    return Policy(load_model(name), load_tokenizer(name))


def load_tokenizer(name: str) -> PreTrainedTokenizerBase:
    """The tokenizer, with a padding token; raises ConfigError where there is none. It need not have a chat template."""
    with _as_config_error(name):
        tokenizer = AutoTokenizer.from_pretrained(model_path(name), trust_remote_code=False)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    tokenizer.padding_side = "left"
    return tokenizer


def load_model(
    name: str, dtype: torch.dtype | None = None, quantization: BitsAndBytesConfig | None = None
) -> PreTrainedModel:
    """The model, unless told otherwise in float32 on a CPU and in bfloat16 on a GPU. No code of a model's own is run,
    no pickle read."""
    dtype = dtype or (torch.bfloat16 if torch.cuda.is_available() else torch.float32)
    with _as_config_error(name):
        return AutoModelForCausalLM.from_pretrained(
            model_path(name),
            dtype=dtype,
            use_safetensors=True,
            trust_remote_code=False,
            **({} if quantization is None else {"quantization_config": quantization}),
        )


def training_dtype(config: RunConfig) -> torch.dtype:
    """The precision that weights are held in while training. In bfloat16 only where they are frozen under an adapter:
    a trained weight would round most of its small updates away. (Products are bfloat16 on a GPU either way.)"""
    return torch.bfloat16 if torch.cuda.is_available() and config.lora_r else torch.float32


@contextmanager
def _as_config_error(name: str) -> Iterator[None]:
    """Also where the hub would be asked in vain, for long."""
    if model_folder(name) is None and (missing := missing_model(name)) is not None:
        raise ConfigError(missing)
    try:
        yield
    except (OSError, ValueError, SafetensorError) as error:
        raise ConfigError(f"The model {name} cannot be loaded: {error}") from error
