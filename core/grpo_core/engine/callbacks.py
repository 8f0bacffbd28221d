"""What happens between steps: facts and metrics for the screens, people's commands, evaluations, whole checkpoints."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from grpo_core.engine.capture import CAPTURE_METRIC, Capture, Recorder
from grpo_core.runs.checkpoints import MANIFEST
from grpo_core.runs.folder import RunFolder
from grpo_core.store import Command, ControlDb

_log = logging.getLogger(__name__)


class Reporter(TrainerCallback):
    """Tells the store what the trainer does: start, every step's metrics, its pace, the end."""

    def __init__(self, recorder: Recorder, capture: Capture) -> None:
        self._recorder = recorder
        self._capture = capture
        self._first_step: int | None = None
        self._began = 0.0
        self._capture_seconds: float | None = None

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        now = time.time()
        self._facts(started_at=now, updated_at=now, step=state.global_step, max_steps=state.max_steps, phase="train")

    def on_step_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if self._first_step is None:
            self._first_step, self._began = state.global_step, time.monotonic()

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._capture.fill_from_update()
        self._capture_seconds = self._capture.take_seconds()
        self._facts(step=state.global_step, seconds_per_step=self._pace(state.global_step), updated_at=time.time())

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: Any = None, **_: Any
    ) -> None:
        metrics = {**(logs or {}), CAPTURE_METRIC: self._capture_seconds}
        self._capture_seconds = None
        step = state.global_step
        self._recorder.background.submit(lambda: self._recorder.writer.add_metrics(step, metrics))
        if "reward" in metrics:
            _log.info("step %d of %d: reward %.3f", step, state.max_steps, metrics["reward"])

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._recorder.feed.phase("idle")
        self._facts(updated_at=time.time(), phase=None)

    def _pace(self, step: int) -> float:
        """Mean seconds a step of this process, evaluations and saving included."""
        return (time.monotonic() - self._began) / (step - (self._first_step or 0))

    def _facts(self, **facts: Any) -> None:
        self._recorder.background.submit(lambda: self._recorder.writer.set_facts(facts))


class Commander(TrainerCallback):
    """Applies what people ask of the run (and SIGTERM) at the end of a step, each command once."""

    def __init__(self, folder: RunFolder, recorder: Recorder) -> None:
        self._run = folder.id
        self._control = ControlDb(folder.path.parent)
        self._recorder = recorder
        self._terminated = False
        self._handler_before = signal.signal(signal.SIGTERM, self._terminate)

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        signal.signal(signal.SIGTERM, self._handler_before)
        self._control.close()

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        for command in self._control.pending(self._run):
            self._apply(command, control)
        if self._terminated:
            self._stop(control)

    def _terminate(self, number: int, _: FrameType | None) -> None:
        self._terminated = True

    def _apply(self, command: Command, control: TrainerControl) -> None:
        if command.kind == "stop":
            self._stop(control)
            self._control.acknowledge(command.id, "stopping")
        elif command.kind == "checkpoint":
            control.should_save = True
            self._control.acknowledge(command.id, "saving")
        else:
            self._control.acknowledge(command.id, f"refused: this trainer does not know {command.kind}")

    def _stop(self, control: TrainerControl) -> None:
        control.should_save = True
        control.should_training_stop = True
        facts = {"stopping": True, "stop_reason": "stopped"}
        self._recorder.background.submit(lambda: self._recorder.writer.set_facts(facts))


class Evaluator(TrainerCallback):
    """Evaluates before the first step, every `every` steps and at the end."""

    def __init__(self, every: int, evaluate: Callable[[int], None]) -> None:
        self._every = every
        self._evaluate = evaluate
        self._last: int | None = None

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if self._every:
            self._run(state.global_step)

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if self._every and state.global_step % self._every == 0:
            self._run(state.global_step)

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if self._every:
            self._run(state.global_step)

    def _run(self, step: int) -> None:
        if step != self._last:
            self._last = step
            self._evaluate(step)


class Checkpoints(TrainerCallback):
    """Saves every `every` steps and at the end; a checkpoint counts once its manifest, written last, is there."""

    def __init__(self, every: int, keep: int) -> None:
        self._every = every
        self._keep = keep

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if state.global_step % self._every == 0 or state.global_step >= state.max_steps:
            control.should_save = True

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        # A pickle that nothing here reads, and that nobody should have to trust.
        (folder / "training_args.bin").unlink(missing_ok=True)
        write_manifest(folder, state.global_step)
        for old in _complete(Path(args.output_dir))[self._keep :]:
            shutil.rmtree(old)


def write_manifest(folder: Path, step: int) -> None:
    """Name every file of a checkpoint with its size and SHA-256; whole or not at all."""
    files = {
        str(path.relative_to(folder)): {"bytes": path.stat().st_size, "sha256": _digest(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    temporary = folder / f"{MANIFEST}.new"
    temporary.write_text(json.dumps({"step": step, "files": files}, indent=1))
    temporary.replace(folder / MANIFEST)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _complete(folder: Path) -> list[Path]:
    """Complete checkpoints, newest first."""
    found = [path for path in folder.glob("checkpoint-*") if (path / MANIFEST).is_file()]
    return sorted(found, key=lambda path: -int(path.name.removeprefix("checkpoint-")))
