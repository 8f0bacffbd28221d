"""Loading what somebody names to be questioned, evaluated or exported: a model, or a LoRA adapter on its base.

The adapter may be a run's checkpoint or anybody's PEFT folder. Only safetensors are read, and no code of a model's own
is run.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from peft import PeftModel
from safetensors import SafetensorError
from transformers import PreTrainedModel

from grpo_core.config import model_folder
from grpo_core.engine.policy import Policy, load_model, load_policy, load_tokenizer
from grpo_core.errors import ConfigError
from grpo_core.runs.folder import RunFolder
from grpo_core.runs.subjects import ADAPTER_FILE

ADAPTER_WEIGHTS = "adapter_model.safetensors"


def load_subject(path: str) -> Policy:
    """A model, or an adapter on its base, ready to sample from; raises ConfigError."""
    adapter = adapter_folder(path)
    policy = _load_adapter(adapter) if adapter else load_policy(path)
    policy.model.to("cuda" if torch.cuda.is_available() else "cpu")
    return policy


def load_merged(path: str) -> Policy:
    """The same as one plain model in float32, with the adapter added to the weights of its base; raises ConfigError."""
    adapter = adapter_folder(path)
    if adapter is None:
        return Policy(load_model(path, torch.float32), load_tokenizer(path))
    policy = _load_adapter(adapter, torch.float32)
    return Policy(policy.model.merge_and_unload(safe_merge=True), policy.tokenizer)


def adapter_folder(path: str) -> Path | None:
    """Where the adapter lies, if this names one."""
    folder = model_folder(path)
    return folder if folder and (folder / ADAPTER_FILE).is_file() else None


def base_of(folder: Path) -> str:
    """What the run began with, where the adapter lies in a run; else what its own configuration names."""
    run = RunFolder(folder.resolve().parent.parent)
    if run.config_file.is_file():
        return run.config().model
    try:
        base = json.loads((folder / ADAPTER_FILE).read_text(encoding="utf-8"))["base_model_name_or_path"]
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(f"The adapter {folder} does not say which model it is for: {error}") from error
    return str(base)


def _load_adapter(folder: Path, dtype: torch.dtype | None = None) -> Policy:
    if not (folder / ADAPTER_WEIGHTS).is_file():
        raise ConfigError(f"The adapter {folder} has no {ADAPTER_WEIGHTS}: weights in other formats are not read.")
    base = base_of(folder)
    model = _on_base(load_model(base, dtype), folder, base)
    has_tokenizer = (folder / "tokenizer_config.json").is_file()
    return Policy(model, load_tokenizer(str(folder) if has_tokenizer else base))


def _on_base(base: PreTrainedModel, folder: Path, name: str) -> PeftModel:
    try:
        return PeftModel.from_pretrained(base, str(folder), is_trainable=False)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise ConfigError(f"The adapter {folder} does not fit its base {name}: {error}") from error
