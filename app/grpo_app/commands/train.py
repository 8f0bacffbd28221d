"""`grpo-dash train`: start a run, detached; with `--wait`, follow it to its end."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from grpo_app.commands.common import UsageError, say, tell
from grpo_core.config import RunConfig, load_config, load_preset, presets
from grpo_core.runs import RunFolder, start_run
from grpo_core.runs.preflight import warnings
from grpo_core.runs.status import ENDED
from grpo_core.text import clean
from grpo_core.types import Json
from grpo_core.views import RunFollower
from grpo_core.views.plain import plain_progress

FINISHED, FAILED, STOPPED = 0, 1, 3
POLL_SECONDS = 0.25
LOST_SECONDS = 3.0
"""Between the trainer's end and its supervisor's record of it, a run looks lost: so long it is given."""
PLAIN_SECONDS = 10.0
"""Between the lines of a progress that nobody sees being overwritten."""
LOG_CHARACTERS = 1500


def train(runs_dir: Path, preset: str | None, config_file: Path | None, overrides: Sequence[str], wait: bool) -> int:
    """Prints the run's id alone on stdout; what may go wrong is said on stderr."""
    config = _config(preset, config_file, overrides)
    folder = start_run(runs_dir, config)
    for warning in warnings(config):
        tell(clean(warning))
    say(folder.id)
    return wait_for(folder, Progress(sys.stderr)) if wait else 0


def wait_for(folder: RunFolder, progress: Progress) -> int:
    """Follow a run until it ends: 0 finished, 1 failed (or killed, or lost), 3 stopped before its last step."""
    try:
        run = _follow(folder, progress)
    except KeyboardInterrupt:
        progress.end()
        tell(f"The run goes on. End it with: grpo-dash stop {folder.id}")
        raise
    progress.end()
    if run["status"] == "suspended" or run.get("stop_reason") == "stopped":
        return STOPPED
    if run["status"] == "finished":
        return FINISHED
    tell(f"{folder.id} {run['status']}: its log is {folder.log}, and ends with\n{_log_end(folder)}")
    return FAILED


class Progress:
    """One line that is written over on a terminal; elsewhere a line now and then."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._overwrites = stream.isatty()
        self._written_at = float("-inf")
        self._last = ""

    def show(self, line: str) -> None:
        if line == self._last or (not self._overwrites and time.monotonic() - self._written_at < PLAIN_SECONDS):
            return
        self._last, self._written_at = line, time.monotonic()
        self._stream.write(f"\r\x1b[2K{line}" if self._overwrites else f"{line}\n")
        self._stream.flush()

    def end(self, line: str = "") -> None:
        """The last line stays."""
        if line and line != self._last:
            self._written_at = float("-inf")
            self.show(line)
        if self._overwrites and self._last:
            self._stream.write("\n")
        self._last = ""


def _config(preset: str | None, config_file: Path | None, overrides: Sequence[str]) -> RunConfig:
    if config_file:
        return load_config(config_file, overrides)
    if preset:
        return load_preset(preset, overrides)
    raise UsageError(f"Name what to train: --preset {' | '.join(presets())}, or --config FILE.toml.")


def _follow(folder: RunFolder, progress: Progress) -> Json:
    follower = RunFollower(folder)
    run: Json = {}
    reward: float | None = None
    evaluation: Json | None = None
    changed_at = time.monotonic()
    try:
        while follower.behind or not _is_over(run, time.monotonic() - changed_at):
            change = follower.poll()
            if change is None:
                time.sleep(POLL_SECONDS)
                continue
            changed_at = time.monotonic()
            run = change.get("run", run)
            reward = change.get("metrics", {}).get("reward", [[0, reward]])[-1][1]
            evaluation = change.get("evals", [evaluation])[-1]
            progress.show(plain_progress(run, reward, evaluation))
        progress.end(plain_progress(run, reward, evaluation))
    finally:
        follower.close()
    return run


def _is_over(run: Json, quiet_seconds: float) -> bool:
    if not run or run["status"] not in ENDED:
        return False
    return run["status"] != "lost" or quiet_seconds > LOST_SECONDS


def _log_end(folder: RunFolder) -> str:
    try:
        return clean(folder.log.read_text(encoding="utf-8", errors="replace")[-LOG_CHARACTERS:]).strip()
    except OSError:
        return "(there is no log)"
