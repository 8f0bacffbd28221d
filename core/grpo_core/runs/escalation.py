"""Ending a trainer that was told to stop and does not: TERM, and after a grace KILL, with its whole process group."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress

import psutil

from grpo_core.runs.folder import RunFolder
from grpo_core.runs.process import ProcessIdentity, find_process
from grpo_core.store import ControlDb

LEAST_PATIENCE = 30.0
"""Seconds that a stop may stay unanswered before TERM; a run of long steps gets ten of its steps."""
STEPS_OF_PATIENCE = 10.0
GRACE = 15.0
"""Seconds between TERM and KILL."""


class Escalation:
    """Watches one trainer for its supervisor. `forced` tells afterwards whether it was told more than to stop."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._control = ControlDb(folder.path.parent)
        self._asked_at: float | None = None
        self._terminated_at: float | None = None
        self._killed = False

    @property
    def forced(self) -> bool:
        return self._terminated_at is not None

    def look(self, trainer: subprocess.Popen[bytes]) -> None:
        """Call now and then: whoever does not answer in time is told more firmly."""
        if self._terminated_at is not None:
            if time.monotonic() - self._terminated_at > GRACE and not self._killed:
                self._killed = True
                kill_group(trainer.pid)
        elif self._unanswered_for() > self._patience():
            self._terminated_at = time.monotonic()
            trainer.send_signal(signal.SIGTERM)

    def _unanswered_for(self) -> float:
        """Seconds since a stop was first seen to wait, by a clock that nobody sets."""
        asked = any(command.kind in ("stop", "suspend") for command in self._control.pending(self._folder.id))
        self._asked_at = (self._asked_at or time.monotonic()) if asked else None
        return time.monotonic() - self._asked_at if self._asked_at else 0.0

    def _patience(self) -> float:
        reader = self._folder.reader()
        try:
            return max(LEAST_PATIENCE, STEPS_OF_PATIENCE * (reader.facts().get("seconds_per_step") or 0.0))
        finally:
            reader.close()


def end_by_force(trainer: ProcessIdentity) -> int | None:
    """End a trainer without asking: TERM, and KILL if it does not go. The signal that it took; None if it was not
    there."""
    process = find_process(trainer)
    if process is None:
        return None
    with suppress(psutil.NoSuchProcess):  # it may go at any moment
        process.terminate()
        process.resume()
    deadline = time.monotonic() + GRACE
    while find_process(trainer) and time.monotonic() < deadline:
        time.sleep(0.05)
    number = signal.SIGKILL if find_process(trainer) else signal.SIGTERM
    kill_group(trainer.pid)
    return number


def kill_group(leader: int) -> None:
    """End a trainer and all that it started, or what is left of that once it has gone."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return
