"""Removing a run for good: its folder with all groups and checkpoints. Never one that lives."""

from __future__ import annotations

import os
import shutil

from grpo_core.errors import RunError
from grpo_core.runs.folder import RunFolder
from grpo_core.runs.process import take_lock
from grpo_core.runs.status import ALIVE, summarise

_REMOVED = ".removed-"
"""No run's id begins so: what is left of a removal that was interrupted is no run."""


def remove_run(folder: RunFolder) -> str:
    """What was done, in a sentence. Raises RunError where the run lives or somebody else has it."""
    status = summarise(folder).status
    if status in ALIVE:
        raise RunError(f"{folder.id} is {status}: stop it before you delete it.")
    lock = take_lock(folder.lock)
    if lock is None:
        raise RunError(f"{folder.id} is in use: stop it before you delete it.")
    try:
        aside = folder.path.with_name(_REMOVED + folder.id)
        folder.path.rename(aside)
        shutil.rmtree(aside)
    except OSError as error:
        raise RunError(f"{folder.id} could not be removed: {error.strerror}.") from error
    finally:
        os.close(lock)
    return f"{folder.id} was deleted."
