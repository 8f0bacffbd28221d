"""What a model's files say of its size without loading it, and what checkpoints take of the disk."""

from __future__ import annotations

import json
from typing import Any

from grpo_core.config import RunConfig, model_folder
from grpo_core.runs.material import load_material

_CHARACTERS_PER_TOKEN = 4
_LOOKED_AT = 64
"""Problems whose length is looked at."""
_ADAPTER_SHARE = 0.02
"""What a usual LoRA adapter is of its model's weights."""


def weights_bytes(name: str) -> int | None:
    """The size of a model's safetensors; None for what is not on this machine."""
    folder = model_folder(name)
    return sum(file.stat().st_size for file in folder.glob("*.safetensors")) if folder else None


def checkpoint_bytes(config: RunConfig) -> int | None:
    """Weights and AdamW's two moments; of an adapter, where only that is trained."""
    weights = weights_bytes(config.model)
    return None if weights is None else int(3 * weights * (_ADAPTER_SHARE if config.lora_r else 1))


def longest_prompt(config: RunConfig) -> int:
    """Tokens of the longest prompt among the first problems, estimated from its characters."""
    material = load_material(config)
    problems = material.train.train_problems(_LOOKED_AT, config.seed)
    return max(len(material.prompting.text(problem)) for problem in problems) // _CHARACTERS_PER_TOKEN


def model_settings(name: str) -> dict[str, Any]:
    """The model's config.json; empty for what is not on this machine or cannot be read."""
    folder = model_folder(name)
    try:
        found = json.loads((folder / "config.json").read_text(encoding="utf-8")) if folder else {}
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def gibibytes(size: int) -> str:
    """`1.2 GiB`, or `35 MiB` where that reads better."""
    return f"{size / 1024**3:.1f} GiB" if size >= 0.1 * 1024**3 else f"{size / 1024**2:.0f} MiB"
