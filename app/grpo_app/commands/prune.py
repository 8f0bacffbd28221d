"""`grpo-dash prune`: what could be deleted and what that would free; with `--yes`, deleting it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grpo_app.commands.common import UsageError, say, tell
from grpo_core.runs import find_run
from grpo_core.runs.footprint import gibibytes
from grpo_core.runs.retention import Removable, removable_checkpoints, removable_runs, remove
from grpo_core.runs.status import ALIVE, summarise


def prune(runs_dir: Path, runs: Sequence[str], older_than: float, keep: int, checkpoints: bool, yes: bool) -> int:
    """0, also if there is nothing to delete. A run that lives is never deleted, however it is asked for."""
    named = [find_run(runs_dir, run) for run in runs]
    for folder in named:
        if summarise(folder).status in ALIVE:
            raise UsageError(f"{folder.id} is alive: stop it first.")
    if checkpoints:
        found = removable_checkpoints(runs_dir, named)
    elif runs or older_than or keep:
        found = removable_runs(runs_dir, older_than_days=older_than, keep=keep, only=named)
    else:
        raise UsageError("Say what may go: RUN, --older-than DAYS, --keep N or --checkpoints.")
    for each in found:
        say(_line(each))
    if not found:
        tell("There is nothing to delete.")
    elif yes:
        _delete(found)
    else:
        tell(f"That would free {gibibytes(sum(each.bytes for each in found))}; nothing was deleted. Do it with --yes.")
    return 0


def _delete(found: Sequence[Removable]) -> None:
    freed = 0
    for each in found:
        if remove(each):
            freed += each.bytes
        else:
            tell(f"{each.folder.id} is in use again and stays.")
    tell(f"Freed {gibibytes(freed)}.")


def _line(each: Removable) -> str:
    what = f"{len(each.checkpoints)} checkpoints" if each.checkpoints else f"{each.run.groups} groups, all of it"
    return f"{each.folder.id}  {each.run.status}  {each.age_days:.0f} days ago  {gibibytes(each.bytes)}  {what}"
