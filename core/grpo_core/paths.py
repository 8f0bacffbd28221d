"""Where things are: the assets that ship with the project and the folder that holds the runs."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

RUNS_DIR_VARIABLE = "GRPO_DASH_RUNS_DIR"


def assets_dir() -> Path:
    """The embedded model, presets and pictures: inside the package in a wheel, beside the code in a checkout."""
    packaged = Path(__file__).parent / "_assets"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "assets"


def default_runs_dir() -> Path:
    """The runs folder when no option names one: the environment's, else the platform's user data folder."""
    named = os.environ.get(RUNS_DIR_VARIABLE)
    return Path(named).expanduser() if named else users_runs_dir()


def users_runs_dir() -> Path:
    """The runs folder of somebody who said nothing."""
    return Path(platformdirs.user_data_dir("grpo-dash")) / "runs"


def terminal_config_file() -> Path:
    """Where a person's preferences for the terminal app are read from: its colours, pace and keys."""
    return Path(platformdirs.user_config_dir("grpo-dash")) / "grpo-tui.toml"


def runs_dir(named: str | Path | None = None) -> Path:
    """The runs folder: `named` (the command line's `--runs-dir`) before the environment before the default."""
    return Path(named).expanduser().resolve() if named else default_runs_dir().resolve()
