"""What happens between steps: facts and metrics for the screens, evaluations, whole checkpoints."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from grpo_core.engine.capture import CAPTURE_METRIC, Capture, Recorder
from grpo_core.engine.pace import Pace
from grpo_core.engine.rewarding import Failures
from grpo_core.runs.checkpoints import complete_checkpoints, write_manifest
from grpo_core.runs.exactness import Place
from grpo_core.runs.mirror import Mirror

_log = logging.getLogger(__name__)


class Reporter(TrainerCallback):
    """Tells the store what the trainer does: start, every step's metrics, its pace, the end."""

    def __init__(self, recorder: Recorder, capture: Capture, pace: Pace) -> None:
        self._recorder = recorder
        self._capture = capture
        self._pace = pace
        self._capture_seconds: float | None = None

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        now = time.time()
        self._facts(started_at=now, updated_at=now, step=state.global_step, max_steps=state.max_steps, phase="train")

    def on_step_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._pace.begin(state.global_step)

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._capture.fill_from_update()
        self._capture_seconds = self._capture.take_seconds()
        self._facts(
            step=state.global_step,
            seconds_per_step=self._pace.seconds_per_step(state.global_step),
            updated_at=time.time(),
        )

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: Any = None, **_: Any
    ) -> None:
        figures = self._capture.figures
        metrics = {**(logs or {}), CAPTURE_METRIC: self._capture_seconds, **figures.take_times()}
        self._capture_seconds = None
        step = state.global_step
        self._recorder.background.submit(
            lambda: self._recorder.writer.add_metrics(step, {**metrics, **figures.take_spread()})
        )
        if "reward" in metrics:
            _log.info("step %d of %d: reward %.3f", step, state.max_steps, metrics["reward"])

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._pace.end()
        self._recorder.feed.phase("idle")
        self._facts(updated_at=time.time(), phase=None)

    def _facts(self, **facts: Any) -> None:
        self._recorder.background.submit(lambda: self._recorder.writer.set_facts(facts))


class FailureReporter(TrainerCallback):
    """Tells the store what a person's own reward functions failed at."""

    def __init__(self, recorder: Recorder, failures: Failures) -> None:
        self._recorder = recorder
        self._failures = failures

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        news = self._failures.take_news()
        if news is not None:
            self._recorder.background.submit(lambda: self._recorder.writer.set_facts({"reward_failures": news}))


class Evaluator(TrainerCallback):
    """Evaluates before the first step, every `every` steps, at the end, and when somebody asks. `done` are the steps
    that were evaluated before a resume: no step is evaluated twice."""

    def __init__(self, every: int, evaluate: Callable[[int], None], done: Iterable[int] = ()) -> None:
        self._every = every
        self._evaluate = evaluate
        self._done = set(done)

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """A resumed run owes only what its own steps would have: its curve is the uninterrupted run's."""
        if self._every and state.global_step % self._every == 0:
            self.evaluate_now(state.global_step)

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if self._every and state.global_step % self._every == 0:
            self.evaluate_now(state.global_step)

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if self._every and state.global_step >= state.max_steps:
            self.evaluate_now(state.global_step)

    def evaluate_now(self, step: int) -> bool:
        """False if this step was evaluated already."""
        if step in self._done:
            return False
        self._done.add(step)
        self._evaluate(step)
        return True


class Checkpoints(TrainerCallback):
    """Saves every `every` steps and at the end; a checkpoint counts once its manifest, written last, is there. `place`
    is what this trainer runs on."""

    def __init__(self, every: int, keep: int, place: Place) -> None:
        self._every = every
        self._keep = keep
        self._place = place

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if state.global_step % self._every == 0 or state.global_step >= state.max_steps:
            control.should_save = True

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        # A pickle that nothing here reads, and that nobody should have to trust.
        (folder / "training_args.bin").unlink(missing_ok=True)
        write_manifest(folder, state.global_step, self._place.to_json())
        for old in complete_checkpoints(Path(args.output_dir))[self._keep :]:
            shutil.rmtree(old)


class Mirroring(TrainerCallback):
    """Has each whole checkpoint copied elsewhere, and waits for the last copy once training has ended."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._mirror.copy(Path(args.output_dir) / f"checkpoint-{state.global_step}")

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._mirror.close()
