"""`--demo`: the run of the preset `demo`, started unless one is going already."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grpo_core.config import load_preset
from grpo_core.runs import RunFolder, find_run, start_run
from grpo_core.runs.status import ENDED
from grpo_core.views import list_runs

DEMO_PRESET = "demo"


def demo_run(runs_dir: Path, preset: str = DEMO_PRESET, overrides: Sequence[str] = ()) -> RunFolder:
    """The newest run of that name that is going, else a new one."""
    config = load_preset(preset, overrides)
    going = [run for run in list_runs(runs_dir) if run.name == config.name and run.status not in ENDED | {"created"}]
    return find_run(runs_dir, going[0].id) if going else start_run(runs_dir, config)
