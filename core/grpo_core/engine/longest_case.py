"""The longest case first: does the largest micro-batch that a run could meet fit on the GPU, forward and back?

Lengths differ from step to step, so a run may meet its longest completions, and the end of the memory, only hours in.
Tried with plain transformers: Unsloth takes less. On a CPU it is not tried, since a system that has no memory left
kills instead of refusing; there `runs.memory` estimates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from transformers import PreTrainedModel

from grpo_core.config import RunConfig
from grpo_core.runs.memory import kv_cache_bytes

GIB = 1024**3
ForwardBackward = Callable[[PreTrainedModel, dict[str, torch.Tensor], int], None]


@dataclass(frozen=True, slots=True)
class LongestCase:
    """`tokens` of prompt and completion together; `peak_gib` held at most, of the GPU (None on a CPU)."""

    tokens: int
    fits: bool
    peak_gib: float | None


def try_longest_case(
    model: PreTrainedModel, config: RunConfig, prompt_tokens: int, forward_backward: ForwardBackward
) -> LongestCase:
    """One micro-batch of the longest prompt and completions of full length, and room for the keys and values of a
    whole step at that length (where vLLM does not keep them)."""
    tokens = prompt_tokens + config.max_completion_length
    on_gpu = model.device.type == "cuda"
    if on_gpu:
        torch.cuda.reset_peak_memory_stats()
    try:
        cache = 0 if config.use_vllm else kv_cache_bytes(config, tokens)
        torch.empty(cache or 0, dtype=torch.uint8, device=model.device)
        forward_backward(model, _batch(model, config.micro_batch_size, tokens), config.max_completion_length)
        fits = True
    except torch.OutOfMemoryError:
        fits = False
        model.zero_grad(set_to_none=True)
    return LongestCase(tokens, fits, torch.cuda.max_memory_reserved() / GIB if on_gpu else None)


def _batch(model: PreTrainedModel, size: int, tokens: int) -> dict[str, torch.Tensor]:
    """Any tokens do: only their number takes memory."""
    ids = torch.zeros((size, tokens), dtype=torch.long, device=model.device)
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
