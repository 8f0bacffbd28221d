"""The policies that the playground keeps loaded: the last few that were asked, adapters on their bases.

Only safetensors are read, and no code of a model's own is run.
"""

from __future__ import annotations

import gc
import json
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import torch
from peft import PeftModel

from grpo_core.config import model_folder
from grpo_core.engine.policy import Policy, load_model, load_policy, load_tokenizer
from grpo_core.errors import ConfigError
from grpo_core.runs.folder import RunFolder
from grpo_core.runs.subjects import ADAPTER_FILE

SHELF_SIZE = 2
ADAPTER_WEIGHTS = "adapter_model.safetensors"
_Key = tuple[str, int]


class Shelf:
    """The `size` policies that were asked last. Use from one thread."""

    def __init__(self, size: int = SHELF_SIZE) -> None:
        self._size = size
        self._policies: OrderedDict[_Key, Policy] = OrderedDict()

    def policy(self, path: str, on_loading: Callable[[], None]) -> Policy:
        """The policy at `path`, loaded if it is not there (`on_loading` is called before) or was written anew since.

        Raises ConfigError with what is wrong with it.
        """
        key = (path, _written_at(path))
        if key not in self._policies:
            on_loading()
            self._make_room()
            self._policies[key] = load_subject(path)
        self._policies.move_to_end(key)
        return self._policies[key]

    def _make_room(self) -> None:
        """Before loading, so that there are never more than `size` in memory."""
        while len(self._policies) >= self._size:
            self._policies.popitem(last=False)
            gc.collect()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()


def load_subject(path: str) -> Policy:
    """A model, or a LoRA checkpoint on its base, ready to sample from; raises ConfigError."""
    folder = model_folder(path)
    policy = _load_adapter(folder) if folder and (folder / ADAPTER_FILE).is_file() else load_policy(path)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    policy.model.to(device)
    return policy


def _load_adapter(folder: Path) -> Policy:
    if not (folder / ADAPTER_WEIGHTS).is_file():
        raise ConfigError(f"The adapter {folder} has no {ADAPTER_WEIGHTS}: weights in other formats are not read.")
    base = _base_of(folder)
    model = PeftModel.from_pretrained(load_model(base), str(folder), is_trainable=False)
    has_tokenizer = (folder / "tokenizer_config.json").is_file()
    return Policy(model, load_tokenizer(str(folder) if has_tokenizer else base))


def _base_of(folder: Path) -> str:
    """What the run began with, where the adapter lies in a run; else what its own configuration names."""
    run = RunFolder(folder.resolve().parent.parent)
    if run.config_file.is_file():
        return run.config().model
    try:
        base = json.loads((folder / ADAPTER_FILE).read_text(encoding="utf-8"))["base_model_name_or_path"]
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(f"The adapter {folder} does not say which model it is for: {error}") from error
    return str(base)


def _written_at(path: str) -> int:
    """When the weights were last written (a resumed run writes its checkpoints anew); 0 for a hub name."""
    folder = model_folder(path)
    files = folder.glob("*.safetensors") if folder else ()
    return max((file.stat().st_mtime_ns for file in files), default=0)
