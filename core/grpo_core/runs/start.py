"""Starting a run so that it outlives whoever started it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from grpo_core.config import RunConfig
from grpo_core.errors import RunError
from grpo_core.runs.backends import with_backend
from grpo_core.runs.folder import RunFolder, create_run
from grpo_core.runs.portable import with_absolute_paths
from grpo_core.runs.preflight import preflight
from grpo_core.runs.process import read_process_record

COMMAND = (sys.executable, "-P", "-m", "grpo_core.runs.supervisor")
_START_SECONDS = 30.0
_POLL_SECONDS = 0.02


def start_run(runs_dir: Path, config: RunConfig) -> RunFolder:
    """Make a run and start its supervisor, detached; returns as soon as the supervisor has the run.

    Raises ConfigError for what cannot work, RunError with the log's end if it does not come up.
    """
    preflight(config)
    folder = create_run(runs_dir, with_absolute_paths(with_backend(config)))
    start_supervisor(folder)
    return folder


def start_supervisor(folder: RunFolder) -> None:
    """Start (or start again) the run's supervisor, detached, and wait until it has the run.

    Raises RunError with the log's end if it does not come up, or if somebody has the run already.
    """
    before = read_process_record(folder.process_file)
    with folder.log.open("ab") as log:
        supervisor = subprocess.Popen(
            [*COMMAND, str(folder.path)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd=folder.path,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    deadline = time.monotonic() + _START_SECONDS
    while read_process_record(folder.process_file) == before:
        if supervisor.poll() is not None or time.monotonic() > deadline:
            raise RunError(f"The run {folder.id} did not start: {_log_end(folder)}")
        time.sleep(_POLL_SECONDS)
    # Reaped by a thread of its own, so that a screen which started many runs collects no zombies.
    threading.Thread(target=supervisor.wait, daemon=True).start()


def _log_end(folder: RunFolder, characters: int = 800) -> str:
    return folder.log.read_text(errors="replace")[-characters:].strip() or "its log is empty."
