"""Is there a model to train, by its files alone? Nothing of it is loaded."""

from __future__ import annotations

import json
from pathlib import Path

from grpo_core.config import EMBEDDED_MODEL, HUB_NAME, model_folder
from grpo_core.hub import missing_model
from grpo_core.runs.subjects import ADAPTER_FILE

WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
_TOKENIZERS = ("tokenizer.json", "tokenizer_config.json", "tokenizer.model", "vocab.json")
"""One of these is in every folder that a tokenizer was saved to."""


def model_error(name: str) -> str | None:
    """One sentence on what is wrong with a model; None if nothing can be seen to be."""
    if name == EMBEDDED_MODEL:
        return None
    folder = model_folder(name)
    if folder is not None:
        return _folder_error(name, folder)
    if HUB_NAME.fullmatch(name):
        return missing_model(name)
    return f"There is no model at {name}: {_WHAT_TO_GIVE}"


_WHAT_TO_GIVE = (
    f"give a folder with a config.json, a hub name such as Qwen/Qwen2.5-0.5B-Instruct, or `{EMBEDDED_MODEL}`."
)


def _folder_error(name: str, folder: Path) -> str | None:
    if not (folder / "config.json").is_file():
        if (folder / ADAPTER_FILE).is_file():
            return f"{name} is an adapter: make one model of it and its base first (grpo-dash export-model)."
        return f"There is no model at {name}: {_WHAT_TO_GIVE}"
    if not isinstance(_json(folder / "config.json"), dict):
        return f"The model {name} cannot be loaded: its config.json is not JSON."
    if (missing := _missing_weights(folder)) is not None:
        others = " (weights in other formats are not read)" if any(folder.glob("*.bin")) else ""
        return f"The model {name} cannot be loaded: it has no {missing}{others}."
    if not any((folder / file).is_file() for file in _TOKENIZERS):
        return f"The model {name} cannot be loaded: there is no tokenizer in its folder."
    return None


def _missing_weights(folder: Path) -> str | None:
    """The first file of weights that is not there."""
    if not (folder / INDEX).is_file():
        return None if (folder / WEIGHTS).is_file() else WEIGHTS
    index = _json(folder / INDEX)
    places = index.get("weight_map") if isinstance(index, dict) else None
    files = sorted(set(map(str, places.values()))) if isinstance(places, dict) else [WEIGHTS]
    return next((file for file in files if not (folder / file).is_file()), None)


def _json(path: Path) -> object:
    """None for what cannot be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
