"""Plain TRL: transformers' model, PEFT's adapter, TRL's trainer. On a CPU, and on a GPU without Unsloth."""

from __future__ import annotations

from typing import Any

import torch
import trl
from peft import LoraConfig
from transformers import BitsAndBytesConfig, PreTrainedModel, PreTrainedTokenizerBase

from grpo_core.config import RunConfig
from grpo_core.engine.arguments import lora_arguments
from grpo_core.engine.backends.base import vllm_arguments
from grpo_core.engine.policy import load_model, training_dtype


class TrlBackend:
    name = "trl"
    own_gradient = False

    def load(self, config: RunConfig, tokenizer: PreTrainedTokenizerBase, max_length: int) -> PreTrainedModel:
        quantization = four_bits() if config.load_in_4bit else None
        return load_model(config.model, training_dtype(config), quantization)

    def adapter(self, config: RunConfig, model: PreTrainedModel) -> LoraConfig | None:
        return lora_arguments(config, model)

    def trainer_class(self) -> type[trl.GRPOTrainer]:
        return trl.GRPOTrainer

    def arguments(self, config: RunConfig, max_length: int) -> dict[str, Any]:
        return vllm_arguments(config, max_length)

    def notes(self, trainer: trl.GRPOTrainer) -> list[str]:
        return []


def four_bits() -> BitsAndBytesConfig:
    """QLoRA's (Dettmers et al. 2023, arXiv:2305.14314): normal floats of 4 bits, their scales quantized too."""
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
