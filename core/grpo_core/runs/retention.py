"""Making room: which ended runs could go, and what that would free. Never one that lives."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grpo_core.runs.checkpoints import complete_checkpoints
from grpo_core.runs.folder import RunFolder, list_run_folders
from grpo_core.runs.process import take_lock
from grpo_core.runs.status import ALIVE, RunSummary, summarise

_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Removable:
    """What of a run could go: all of it, or the folders in `checkpoints`. `bytes` is what that would free."""

    run: RunSummary
    folder: RunFolder
    bytes: int
    age_days: float
    checkpoints: tuple[Path, ...] = ()


def removable_runs(
    runs_dir: Path, *, older_than_days: float = 0, keep: int = 0, only: Sequence[RunFolder] = ()
) -> list[Removable]:
    """Ended runs that nothing was written to for so many days, but for the newest `keep`; or of those named."""
    ended = [
        (folder, run) for folder in only or list_run_folders(runs_dir) if (run := summarise(folder)).status not in ALIVE
    ]
    found = [Removable(run, folder, _bytes_of(folder.path), _age_days(folder)) for folder, run in ended[keep:]]
    return [each for each in found if each.age_days >= older_than_days]


def removable_checkpoints(runs_dir: Path, only: Sequence[RunFolder] = ()) -> list[Removable]:
    """All but the newest whole checkpoint of every ended run."""
    found = []
    for folder in only or list_run_folders(runs_dir):
        run, old = summarise(folder), tuple(complete_checkpoints(folder.checkpoints)[1:])
        if run.status not in ALIVE and old:
            found.append(Removable(run, folder, sum(map(_bytes_of, old)), _age_days(folder), old))
    return found


def remove(removable: Removable) -> bool:
    """Do it; False if somebody has the run after all. The lock is held meanwhile, so that nobody resumes it."""
    lock = take_lock(removable.folder.lock)
    if lock is None:
        return False
    try:
        if summarise(removable.folder).status in ALIVE:
            return False
        removable.folder.remove(removable.checkpoints)
    finally:
        os.close(lock)
    return True


def _age_days(folder: RunFolder) -> float:
    """Since something was last written to it."""
    parts = (folder.database, folder.database.with_name("run.db-wal"), folder.exit_file, folder.log)
    # An empty log of the database is a reader's doing.
    newest = max((path.stat().st_mtime for path in parts if path.is_file() and path.stat().st_size), default=0.0)
    return max(0.0, time.time() - newest) / _DAY


def _bytes_of(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
