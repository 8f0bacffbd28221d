"""The longest case first: it is tried at its full length, and what does not fit is said and leaves nothing behind."""

from __future__ import annotations

import pytest
import torch

from grpo_core.config import RunConfig
from grpo_core.engine.longest_case import try_longest_case
from grpo_core.engine.policy import load_model
from grpo_core.engine.signal_check import _forward_backward
from grpo_core.runs.memory import kv_cache_bytes

CONFIG = RunConfig(prompts_per_step=2, num_generations=4, max_completion_length=40, threads=1)


def test_it_has_the_length_of_the_longest_prompt_and_completion() -> None:
    seen: list[tuple[torch.Size, int]] = []
    model = load_model("embedded")

    def forward_backward(model: torch.nn.Module, inputs: dict[str, torch.Tensor], keep: int) -> None:
        seen.append((inputs["input_ids"].shape, keep))
        _forward_backward(model, inputs, keep)

    found = try_longest_case(model, CONFIG, 17, forward_backward)
    assert (found.tokens, found.fits, found.peak_gib) == (57, True, None)
    assert seen == [(torch.Size([8, 57]), 40)]
    assert all(weight.grad is None for weight in model.parameters())


def test_what_does_not_fit_is_said() -> None:
    def no_room(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    assert try_longest_case(load_model("embedded"), CONFIG, 17, no_room).fits is False


def test_the_keys_and_values_are_as_large_as_a_real_cache() -> None:
    model = load_model("embedded")
    with torch.no_grad():
        cache = model(input_ids=torch.zeros((8, 57), dtype=torch.long), use_cache=True).past_key_values
    real = sum(layer.keys.numel() + layer.values.numel() for layer in cache.layers) * 4
    assert kv_cache_bytes(CONFIG, 57, on_gpu=False) == real


@pytest.mark.parametrize("length", [1, 24])
def test_the_length_is_the_settings(length: int) -> None:
    config = CONFIG.model_copy(update={"max_completion_length": length})
    assert try_longest_case(load_model("embedded"), config, 5, _forward_backward).tokens == 5 + length
