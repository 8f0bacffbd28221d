"""The list of runs, newest first."""

from __future__ import annotations

from pathlib import Path

from grpo_core.runs import RunSummary, list_run_folders, summarise


def list_runs(runs_dir: Path) -> list[RunSummary]:
    return [summarise(folder) for folder in list_run_folders(runs_dir)]
