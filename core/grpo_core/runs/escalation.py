"""Ending a trainer that was told to stop and does not: TERM, and after a grace KILL, with its whole process group."""

from __future__ import annotations

import os
import signal
import subprocess
import time

from grpo_core.runs.folder import RunFolder
from grpo_core.runs.process import ProcessIdentity, find_process
from grpo_core.store import ControlDb

LEAST_PATIENCE = 30.0
"""Seconds that a stop may stay unanswered before TERM; a run of long steps gets ten of its steps."""
STEPS_OF_PATIENCE = 10.0
GRACE = 15.0
"""Seconds between TERM and KILL."""


class Escalation:
    """Watches one trainer for its supervisor. `forced` tells afterwards whether it had to be killed."""

    def __init__(self, folder: RunFolder, trainer: subprocess.Popen[bytes]) -> None:
        self._folder = folder
        self._trainer = trainer
        self._control = ControlDb(folder.path.parent)
        self._terminated_at: float | None = None
        self.forced = False

    def look(self) -> None:
        """Call now and then: whoever does not answer in time is told more firmly."""
        if self._terminated_at is not None:
            if time.monotonic() - self._terminated_at > GRACE and not self.forced:
                self.forced = True
                kill_group(self._trainer.pid)
        elif self._unanswered_for() > self._patience():
            self._terminated_at = time.monotonic()
            self._trainer.send_signal(signal.SIGTERM)

    def _unanswered_for(self) -> float:
        asked = [c.created_at for c in self._control.pending(self._folder.id) if c.kind in ("stop", "suspend")]
        return time.time() - min(asked) if asked else 0.0

    def _patience(self) -> float:
        reader = self._folder.reader()
        try:
            return max(LEAST_PATIENCE, STEPS_OF_PATIENCE * (reader.facts().get("seconds_per_step") or 0.0))
        finally:
            reader.close()


def end_by_force(trainer: ProcessIdentity) -> bool:
    """End a trainer whose supervisor is gone: TERM, and KILL if it does not go. False if it was not there."""
    process = find_process(trainer)
    if process is None:
        return False
    process.terminate()
    process.resume()
    deadline = time.monotonic() + GRACE
    while find_process(trainer) and time.monotonic() < deadline:
        time.sleep(0.05)
    if find_process(trainer):
        kill_group(trainer.pid)
    return True


def kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return
