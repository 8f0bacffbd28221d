"""The first thing in an engine's process: its environment, and Unsloth before torch, transformers, PEFT and TRL.

Imports none of them at the top. Only the engine's own process is touched; a person's shell and the screens are not.
"""

from __future__ import annotations

import importlib
import os
from pathlib import Path

from grpo_core.config import RunConfig
from grpo_core.errors import ConfigError
from grpo_core.runs.backends import FORCE_CPU, usable_gpu, with_backend


def prepare(config: RunConfig, folder: Path) -> None:
    """Set the environment for this run and import its backend. Raises ConfigError where the backend cannot be."""
    _one_gpu()
    if with_backend(config).backend == "unsloth":
        _unsloth(config, folder)


def _one_gpu() -> None:
    """One process trains on one GPU. With more in sight the trainer would spread one batch over all of them by
    threads, which capture and the objectives do not know."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if usable_gpu():
        os.environ["CUDA_VISIBLE_DEVICES"] = (visible or "0").split(",")[0]


def _unsloth(config: RunConfig, folder: Path) -> None:
    os.environ.setdefault("UNSLOTH_DISABLE_STATISTICS", "1")
    # What it compiles belongs to the run, not to whatever folder somebody started it from.
    os.environ.setdefault("UNSLOTH_COMPILE_LOCATION", str(folder / "unsloth_compiled_cache"))
    if config.use_vllm and config.vllm_enable_sleep_mode:
        os.environ["UNSLOTH_VLLM_STANDBY"] = "1"
    if not usable_gpu() and os.environ.get(FORCE_CPU) != "1":
        raise ConfigError("Unsloth cannot train here: there is no GPU that torch could use. Set backend = trl.")
    try:
        importlib.import_module("unsloth")
    except (ImportError, NotImplementedError, RuntimeError) as error:
        raise ConfigError(
            f"Unsloth cannot be imported ({error}): set backend = trl, or install another version."
        ) from error
