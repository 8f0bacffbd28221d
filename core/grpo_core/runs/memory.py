"""What a training takes of memory, part by part, estimated before anything is loaded; and what would make it fit.

Two moments count, sampling and updating: the larger decides. From the model's config.json and file sizes alone, so it
is rough (kernels' workspaces and the allocator's gaps are a flat share), and None for a model that is not here.
`make bench-gpu` measures what it estimates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import psutil

from grpo_core.config import RunConfig
from grpo_core.runs.backends import usable_gpu, with_backend
from grpo_core.runs.footprint import gibibytes, longest_prompt, model_settings, weights_bytes
from grpo_core.runs.gpu import free_gpu_bytes, total_gpu_bytes

_BYTES_OF = {"float32": 4, "float64": 8, "float16": 2, "bfloat16": 2}
_FOUR_BITS = 0.56
"""Bytes a weight in 4 bits: half a byte, its share of the scales, and what stays in 16 bits (norms, embeddings)."""
_GAPS = 1.1
_PROGRAM = 1024**3 // 2
"""Of the trainer's own program and its libraries (0.53 GiB measured on a CPU), or of CUDA's context."""
_KEPT_ACTIVATIONS = 18
"""Numbers of hidden size that the backward pass keeps for each token and layer, besides the feed-forward's three of
its own size, where nothing is computed again."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Bytes by part of the dearer moment (`sampling` or `updating`)."""

    moment: str
    parts: dict[str, int]
    on_gpu: bool

    @property
    def total(self) -> int:
        return int(_GAPS * sum(self.parts.values()))

    def sentence(self, free: int) -> str:
        """What it takes and of what, largest first."""
        where = "GPU memory" if self.on_gpu else "memory"
        dearest = sorted(self.parts.items(), key=lambda part: -part[1])
        named = ", ".join(f"{name} {gibibytes(size)}" for name, size in dearest if size * 50 > self.total)
        return f"Training takes roughly {gibibytes(self.total)} of {where} ({named}) and {gibibytes(free)} are free"


@dataclass(frozen=True, slots=True)
class Shape:
    """A model's sizes. `weights`: how many numbers it has."""

    weights: int
    hidden: int
    feed_forward: int
    layers: int
    vocabulary: int
    keys: int
    """Numbers of one layer's keys, and as many of its values, for one token."""


def shape_of(name: str) -> Shape | None:
    """From what lies on this machine; None for what does not, or says nothing of its sizes."""
    settings, size = model_settings(name), weights_bytes(name)
    hidden, layers, heads = (
        int(settings.get(key) or 0) for key in ("hidden_size", "num_hidden_layers", "num_attention_heads")
    )
    if not size or not hidden or not layers:
        return None
    head = int(settings.get("head_dim") or (hidden // heads if heads else 0))
    each = _BYTES_OF.get(str(settings.get("dtype") or settings.get("torch_dtype")), 4)
    return Shape(
        weights=size // each,
        hidden=hidden,
        feed_forward=int(settings.get("intermediate_size") or 4 * hidden),
        layers=layers,
        vocabulary=int(settings.get("vocab_size") or 0),
        keys=int(settings.get("num_key_value_heads") or heads) * head,
    )


def estimate(config: RunConfig, *, on_gpu: bool | None = None) -> Estimate | None:
    """Of the dearer moment; `on_gpu` None means this machine."""
    shape = shape_of(config.model)
    if shape is None:
        return None
    gpu = usable_gpu() if on_gpu is None else on_gpu
    tokens = longest_prompt(config) + config.max_completion_length
    held = _held(config, shape, gpu)
    sampling = Estimate("sampling", {**held, **_sampling(config, shape, tokens, gpu)}, gpu)
    updating = Estimate("updating", {**held, **_updating(config, shape, tokens, gpu)}, gpu)
    return max(sampling, updating, key=lambda found: found.total)


def free_bytes() -> int:
    """Of the memory that would hold it: the GPU's where there is one, else the machine's."""
    return (free_gpu_bytes() if usable_gpu() else None) or psutil.virtual_memory().available


def memory_warning(config: RunConfig) -> str | None:
    """One sentence where a run takes more than is free, with the settings that would make it fit."""
    found, free = estimate(config), free_bytes()
    if found is None or found.total <= free:
        return None
    fitting = [change for change, changed in remedies(config) if _fits(changed, free)][:3]
    advice = "; or ".join(fitting)
    return f"{found.sentence(free)}. {f'It would fit with {advice}.' if advice else _NOTHING_FITS}"


_NOTHING_FITS = (
    "No one setting makes it fit: lower per_device_train_batch_size, max_completion_length and num_generations "
    "together, train an adapter (lora_r), or take a smaller model."
)


def remedies(config: RunConfig) -> Iterator[tuple[str, RunConfig]]:
    """One change at a time that takes less memory, cheapest for the training first: in words, and the settings."""
    yield from _smaller_batches(config)
    if with_backend(config).backend == "unsloth" and config.unsloth_grpo_mini_batch != 1:
        yield "unsloth_grpo_mini_batch = 1", config.model_copy(update={"unsloth_grpo_mini_batch": 1})
    if usable_gpu() and not config.lora_r and config.optim != "adamw_8bit":
        yield 'optim = "adamw_8bit"', config.model_copy(update={"optim": "adamw_8bit"})
    if not config.lora_r:
        yield "lora_r = 16 (an adapter)", config.model_copy(update={"lora_r": 16})
    elif usable_gpu() and not config.load_in_4bit:
        yield "load_in_4bit = true", config.model_copy(update={"load_in_4bit": True})
    for divisor in (2, 4):
        length = config.max_completion_length // divisor
        if length:
            yield (
                f"max_completion_length = {length}",
                config.model_copy(update={"max_completion_length": length}),
            )
    prompts = config.prompts_per_step // 2
    if prompts:
        changed = {"prompts_per_step": prompts, "per_device_train_batch_size": None}
        if config.per_device_train_batch_size and (prompts * config.num_generations) % config.micro_batch_size == 0:
            changed["per_device_train_batch_size"] = config.micro_batch_size
        yield f"prompts_per_step = {prompts}", config.model_copy(update=changed)


def _smaller_batches(config: RunConfig) -> Iterator[tuple[str, RunConfig]]:
    whole = config.generation_batch_size
    for size in range(config.micro_batch_size // 2, 0, -1):
        if whole % size == 0:
            yield (
                f"per_device_train_batch_size = {size}",
                config.model_copy(update={"per_device_train_batch_size": size}),
            )


def _fits(config: RunConfig, free: int) -> bool:
    found = estimate(config)
    return found is not None and found.total <= free


def _held(config: RunConfig, shape: Shape, gpu: bool) -> dict[str, int]:
    """What is there all the time."""
    moments = 2 if config.optim == "adamw_8bit" else 8
    program = {"program": _PROGRAM}
    if config.lora_r:
        adapter = _adapter_weights(config, shape)
        frozen = _FOUR_BITS if config.load_in_4bit else 2 if gpu else 4
        return {
            **program,
            "weights": int(frozen * shape.weights),
            "adapter": 4 * adapter,
            "gradients": 4 * adapter,
            "optimizer": moments * adapter,
        }
    referred = 4 * shape.weights if config.beta or config.objective == "dpo" else 0
    return {
        **program,
        "weights": 4 * shape.weights,
        "gradients": 4 * shape.weights,
        "optimizer": moments * shape.weights,
        "reference": referred,
    }


def kv_cache_bytes(config: RunConfig, tokens: int, *, on_gpu: bool = True) -> int | None:
    """Keys and values of a whole step's completions at `tokens` each, prompts included."""
    shape = shape_of(config.model)
    return None if shape is None else _kv_cache(config, shape, tokens, on_gpu)


def _kv_cache(config: RunConfig, shape: Shape, tokens: int, gpu: bool) -> int:
    return config.generation_batch_size * tokens * 2 * shape.keys * shape.layers * (2 if gpu else 4)


def _sampling(config: RunConfig, shape: Shape, tokens: int, gpu: bool) -> dict[str, int]:
    """All completions of a step side by side."""
    total = total_gpu_bytes() if config.use_vllm else None
    if total:
        return {"vLLM": int(config.vllm_gpu_memory_utilization * total)}
    return {
        "KV cache": _kv_cache(config, shape, tokens, gpu),
        "logits": 2 * config.generation_batch_size * shape.vocabulary * 4,
    }


def _updating(config: RunConfig, shape: Shape, tokens: int, gpu: bool) -> dict[str, int]:
    """One micro-batch forward and back. On a GPU a layer's activations are computed again, so one layer's are there at
    a time, and each layer's input: with Unsloth in the machine's memory."""
    unsloth = with_backend(config).backend == "unsloth" and gpu
    batch, number = config.micro_batch_size, 2 if gpu else 4
    layer = batch * tokens * (_KEPT_ACTIVATIONS * shape.hidden + 3 * shape.feed_forward) * number
    inputs = 0 if unsloth else batch * tokens * shape.hidden * shape.layers * number
    at_once = min(batch, config.unsloth_grpo_mini_batch or batch) if unsloth else batch
    # As they are, as log-probabilities, and the gradient of them.
    logits = 3 * at_once * config.max_completion_length * shape.vocabulary * 4
    asleep = not config.use_vllm or config.vllm_enable_sleep_mode
    total = 0 if asleep else total_gpu_bytes() or 0
    return {
        "activations": layer + inputs if gpu else layer * shape.layers,
        "logits": logits,
        **({"vLLM": int(config.vllm_gpu_memory_utilization * total)} if total else {}),
    }


def _adapter_weights(config: RunConfig, shape: Shape) -> int:
    """Of an adapter on all linear layers (on fewer it is smaller): r numbers for each in and out."""
    attention = 2 * (shape.hidden + shape.hidden) + 2 * (shape.hidden + shape.keys)
    feed_forward = 3 * (shape.hidden + shape.feed_forward)
    return config.lora_r * shape.layers * (attention + feed_forward)
