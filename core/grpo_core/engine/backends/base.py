"""The interface of a backend, and what TRL is told of vLLM whoever trains."""

from __future__ import annotations

from typing import Any, Protocol

from peft import LoraConfig
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from trl import GRPOTrainer

from grpo_core.config import RunConfig


class Backend(Protocol):
    """One way to train. `name` is what a run's settings call it."""

    name: str

    @property
    def own_gradient(self) -> bool:
        """Does the trainer's loss compute its gradient itself, blind to what is done to the loss afterwards?"""
        ...

    def load(self, config: RunConfig, tokenizer: PreTrainedTokenizerBase, max_length: int) -> PreTrainedModel:
        """The policy to train, for prompts and completions of `max_length` tokens together; it may give the tokenizer
        another padding token. Raises ConfigError."""
        ...

    def adapter(self, config: RunConfig, model: PreTrainedModel) -> LoraConfig | None:
        """The adapter that the trainer has to attach; None where there is none, or it is attached already."""
        ...

    def trainer_class(self) -> type[GRPOTrainer]:
        """The class to build on. Asked for late: a backend may put its own in the place of TRL's."""
        ...

    def arguments(self, config: RunConfig, max_length: int) -> dict[str, Any]:
        """What it takes in GRPOConfig beyond what every backend is told."""
        ...

    def notes(self, trainer: GRPOTrainer) -> list[str]:
        """What a person should know of the trainer that was built, a sentence each."""
        ...


def vllm_arguments(config: RunConfig, max_length: int) -> dict[str, Any]:
    """TRL's own arguments for vLLM on the GPU that trains."""
    if not config.use_vllm:
        return {"use_vllm": False}
    return {
        "use_vllm": True,
        "vllm_mode": "colocate",
        "vllm_gpu_memory_utilization": config.vllm_gpu_memory_utilization,
        "vllm_enable_sleep_mode": config.vllm_enable_sleep_mode,
        "vllm_max_model_length": max_length,
        "vllm_tensor_parallel_size": 1,
    }
