"""What a person wants to know of a run before its first step: what really trains, on what, in which versions."""

from __future__ import annotations

import importlib.metadata
from typing import Any

import torch
from trl import GRPOTrainer

from grpo_core.engine.backends.unsloth import is_patched

SHOWN_VERSIONS = ("torch", "transformers", "trl", "peft", "unsloth", "vllm")


def trainer_facts(trainer: GRPOTrainer) -> dict[str, Any]:
    """Facts of any GRPO trainer. The class is the one that is there at run time, whatever was asked for."""
    weights = list(trainer.model.parameters())
    return {
        "backend": "unsloth" if is_patched(type(trainer)) else "trl",
        "model": str(getattr(trainer.model.config, "_name_or_path", "") or "unnamed"),
        "objective": trainer.loss_type,
        "max_steps": trainer.args.max_steps if trainer.args.max_steps > 0 else None,
        "trainer_class": type(trainer).__name__,
        "parameters": sum(each.numel() for each in weights),
        "trained_parameters": sum(each.numel() for each in weights if each.requires_grad),
        "device": str(trainer.accelerator.device),
        "processes": trainer.accelerator.num_processes,
        "threads": torch.get_num_threads(),
        "versions": _installed_versions(),
    }


def _installed_versions() -> dict[str, str]:
    found = {}
    for name in SHOWN_VERSIONS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
