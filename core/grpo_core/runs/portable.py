"""A configuration that means the same from any folder: a trainer does not run where its run was started."""

from __future__ import annotations

import re
from pathlib import Path

from grpo_core.config import EMBEDDED_MODEL, RunConfig, model_folder
from grpo_core.problems import file_of
from grpo_core.problems.parts import split_part

_PATH = re.compile(r"(?<=[:,]path=)[^,]+")


def with_absolute_paths(config: RunConfig) -> RunConfig:
    """The same with every path of this machine written in full; hub names and names of sets stay."""
    model = config.model if config.model == EMBEDDED_MODEL else _absolute_model(config.model)
    specs = {"problems": config.problems, "eval_dataset": config.eval_dataset}
    found = {name: _absolute_spec(spec) for name, spec in specs.items()}
    mirror = config.checkpoint_mirror and _absolute(config.checkpoint_mirror)
    return config.model_copy(update={"model": model, "checkpoint_mirror": mirror, **found})


def _absolute_model(name: str) -> str:
    folder = model_folder(name)
    return str(folder.absolute()) if folder else name


def _absolute_spec(spec: str) -> str:
    file = file_of(split_part(spec)[0])
    if file is not None:
        return _absolute(file) + spec[len(file) :]
    return _PATH.sub(lambda match: _absolute(match[0]), spec)


def _absolute(path: str) -> str:
    return str(Path(path).expanduser().absolute())
