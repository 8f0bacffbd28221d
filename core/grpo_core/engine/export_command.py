"""`export-model`: a checkpoint as one plain folder of safetensors, which transformers loads without this project."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import torch
from transformers import AutoConfig
from transformers.utils.logging import disable_progress_bar

from grpo_core.engine.adapters import adapter_folder, base_of, load_merged
from grpo_core.engine.policy import model_path
from grpo_core.errors import ConfigError
from grpo_core.paths import runs_dir
from grpo_core.runs.subjects import find_subject


def export_command(options: argparse.Namespace) -> int:
    """Export `options.subject` to the folder `options.out`; 0 when done. Raises GrpoDashError with what is wrong."""
    disable_progress_bar()
    subject = find_subject(runs_dir(options.runs_dir), options.subject)
    export_model(subject.path, options.out)
    what = "adapter merged into its base" if adapter_folder(subject.path) else "model"
    print(f"{options.out}: {subject.label}, {what}")  # noqa: T201
    return 0


def export_model(path: str, out: Path) -> None:
    """Write weights, settings and tokenizer; whole or not at all, and over nothing that is there.

    An adapter is merged in float32; the result has its base's own precision, or the full model's.
    """
    if out.exists():
        raise ConfigError(f"{out} is there already and is not written over: name a new folder.")
    policy = load_merged(path)
    policy.model.to(_precision(path))
    unfinished = out.with_name(f".{out.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        policy.model.save_pretrained(unfinished)
        policy.tokenizer.save_pretrained(unfinished)
        unfinished.rename(out)
    except OSError as error:
        raise ConfigError(f"{out} cannot be written: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _precision(path: str) -> torch.dtype:
    adapter = adapter_folder(path)
    name = base_of(adapter) if adapter else path
    return AutoConfig.from_pretrained(model_path(name), trust_remote_code=False).dtype or torch.float32
