"""What can be known to be wrong with a run before anything is loaded, said in words a person can act on."""

from __future__ import annotations

import re
from pathlib import Path

from grpo_core.config import EMBEDDED_MODEL, REWARD_NAMES, RunConfig
from grpo_core.errors import ConfigError
from grpo_core.problems import load_problem_set

_HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")


def preflight(config: RunConfig) -> None:
    """Raises ConfigError or ProblemsError at the first thing that cannot work."""
    _check_model(config.model)
    _check_rewards(config)
    load_problem_set(config.problems)


def _check_model(name: str) -> None:
    if name == EMBEDDED_MODEL or _HUB_NAME.fullmatch(name):
        return
    folder = Path(name).expanduser()
    if not (folder / "config.json").is_file():
        raise ConfigError(
            f"There is no model at {name}: give a folder with a config.json, a hub name such as "
            f"Qwen/Qwen2.5-0.5B-Instruct, or `{EMBEDDED_MODEL}`."
        )


def _check_rewards(config: RunConfig) -> None:
    unknown = [name for name in config.rewards if name not in REWARD_NAMES]
    if unknown:
        raise ConfigError(f"There is no reward {unknown[0]!r}; there are: {', '.join(REWARD_NAMES)}.")
