"""The signal check: is there anything to learn from before a run is started, and what would the run cost?

The sampling is done by a process of its own (`engine.signal_check`); what its numbers mean is said here.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from grpo_core.config import EMBEDDED_MODEL, RunConfig, dump_config
from grpo_core.errors import RunError
from grpo_core.types import Json

ENGINE_MODULE = "grpo_core.engine"
GROUPS = 16
OnProgress = Callable[[int, int], None]
_PROGRESS = re.compile(r"(\d+) of (\d+) completions")
_MOST = 0.9
"""From this share on a thing is nearly always so, and from `_MANY` on it is worth a sentence."""
_MANY = 0.3
EMBEDDED_ADVICE = (
    "The embedded model knows only the problems that `generated` makes: name another model for these, such as "
    "Qwen/Qwen2.5-0.5B-Instruct, or train it on those."
)
_POLL_SECONDS = 0.1
_LAST_LINES = 5


@dataclass(frozen=True, slots=True)
class SignalCheck:
    """What `groups` groups of k completions from the untrained policy say. Shares are in [0, 1]: `mixed`,
    `all_correct` and `all_wrong` of groups (by the run's own rewards), the others of completions.

    `truncated` reached max_completion_length; `missing_end` did so although an answer had been given. Seconds a step
    are measured (sampling, and one micro-batch forward and backward) and scaled; `update_seconds` is None where that
    does not fit in memory. `run_minutes` counts evaluations too.

    `longest_…` is of the largest micro-batch that the run could meet, at its full length: tried on a GPU only.
    """

    groups: int
    k: int
    pass_rate: float
    mixed: float
    all_correct: float
    all_wrong: float
    truncated: float
    missing_end: float
    unparsable: float
    no_answer: float
    unscorable: float
    mean_tokens: float
    sampling_seconds: float
    update_seconds: float | None
    run_minutes: float | None
    advice: tuple[str, ...] = ()
    longest_tokens: int | None = None
    longest_fits: bool | None = None
    longest_gib: float | None = None

    @property
    def step_seconds(self) -> float | None:
        """Sampling and update of one optimizer step."""
        return None if self.update_seconds is None else self.sampling_seconds + self.update_seconds

    def to_json(self) -> Json:
        return {**asdict(self), "step_seconds": self.step_seconds, "advice": list(self.advice)}

    @classmethod
    def from_json(cls, data: Json) -> SignalCheck:
        fields = {key: value for key, value in data.items() if key != "step_seconds"}
        return cls(**{**fields, "advice": tuple(data["advice"])})


def longest_words(check: SignalCheck) -> str:
    """Does the longest case fit, and what did it hold?"""
    held = "" if check.longest_gib is None else f", {check.longest_gib:.1f} GiB held"
    return ("fits" if check.longest_fits else "does not fit") + held


def advise(check: SignalCheck, config: RunConfig) -> tuple[str, ...]:
    """What to change before training, most telling first; empty if there is something to learn from."""
    found = _findings(check)
    if config.model == EMBEDDED_MODEL and not config.problems.startswith("generated") and found:
        # It follows no instructions: a system prompt, or examples in it, would not help.
        return (EMBEDDED_ADVICE, *(sentence for sentence in found if "system_prompt" not in sentence))
    return found


def _findings(check: SignalCheck) -> tuple[str, ...]:
    rules = (
        (check.update_seconds is None, "One micro-batch does not fit in memory: lower per_device_train_batch_size."),
        (
            check.longest_fits is False,
            f"The longest case, {check.longest_tokens} tokens, does not fit on the GPU: lower "
            f"per_device_train_batch_size or max_completion_length, or set load_in_4bit under an adapter.",
        ),
        (check.unscorable > 0, "Some gold answers cannot be read: run `grpo-dash verify` over the problems."),
        (
            check.truncated > _MANY and check.missing_end <= check.truncated / 2,
            "Many completions are cut off before they answer: raise max_completion_length.",
        ),
        (
            check.missing_end > _MANY,
            "Many completions answer and do not end: is it an instruct model, with the right chat template?",
        ),
        (
            check.no_answer > _MANY and check.no_answer > check.truncated,
            "Many completions end without an answer: say in system_prompt how to give it, such as in \\boxed{}.",
        ),
        (
            check.unparsable > _MANY,
            "Many answers cannot be read as mathematics: say in system_prompt how to write them.",
        ),
        (check.all_correct >= _MOST, "Nearly all of it is solved already: choose harder problems."),
        (
            check.all_wrong >= _MOST,
            "Nearly nothing is ever right: choose easier problems or a larger model, give examples in system_prompt, "
            "or reward steps with rewards.partial.",
        ),
        (
            check.mixed < 1 - _MOST and max(check.all_correct, check.all_wrong) < _MOST,
            "Few groups have both right and wrong completions: raise num_generations or the temperature.",
        ),
    )
    return tuple(sentence for applies, sentence in rules if applies)


def run_signal_check(
    config: RunConfig,
    *,
    groups: int = GROUPS,
    on_progress: OnProgress | None = None,
    cancelled: threading.Event | None = None,
) -> SignalCheck | None:
    """Sample and measure in a process of its own; None if it was cancelled. Raises RunError with what went wrong.

    `on_progress` gets (done, total) completions, from a thread. The caller waits here: use a thread in a screen.
    """
    with tempfile.TemporaryDirectory(prefix="grpo-dash-signal-") as folder:
        settings = Path(folder) / "config.toml"
        settings.write_text(dump_config(config), encoding="utf-8")
        process = _start(settings, groups)
        errors = _Errors(_pipe(process.stderr), on_progress or (lambda done, total: None))
        try:
            said = _wait(process, cancelled or threading.Event())
        finally:
            _end(process)
            errors.thread.join()
    if said is None:
        return None
    if process.returncode != 0:
        raise RunError(f"The signal check failed: {errors.last_line()}")
    return SignalCheck.from_json(json.loads(said.splitlines()[-1]))


class _Errors:
    """Reads a process's stderr in a thread: progress on the way, the last lines for the end."""

    def __init__(self, pipe: IO[bytes], on_progress: OnProgress) -> None:
        self._pipe = pipe
        self._on_progress = on_progress
        self._lines: list[str] = []
        self.thread = threading.Thread(target=self._read, name="signal check", daemon=True)
        self.thread.start()

    def last_line(self) -> str:
        line = self._lines[-1] if self._lines else "it said nothing."
        return line.removeprefix("grpo-dash: ")

    def _read(self) -> None:
        for line in self._pipe:
            self._take(line.decode("utf-8", "replace").strip())
        self._pipe.close()

    def _take(self, line: str) -> None:
        if found := _PROGRESS.search(line):
            self._on_progress(int(found[1]), int(found[2]))
        elif line:
            self._lines = [*self._lines, line][-_LAST_LINES:]


def _start(settings: Path, groups: int) -> subprocess.Popen[bytes]:
    options = ["--config", str(settings), "--groups", str(groups), "--json", "--end-with-stdin"]
    return subprocess.Popen(
        [sys.executable, "-P", "-m", ENGINE_MODULE, "signal-check", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        process_group=0,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def _wait(process: subprocess.Popen[bytes], cancelled: threading.Event) -> str | None:
    """What it printed; None if it was cancelled. Its one line fits a pipe, so it ends without being read."""
    while process.poll() is None:
        if cancelled.wait(_POLL_SECONDS):
            return None
    return _pipe(process.stdout).read().decode("utf-8", "replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Nothing of it is left when this returns."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdin, process.stdout):
        _pipe(pipe).close()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
