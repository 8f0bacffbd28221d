"""People's commands, applied at the end of a step: pause, resume, stop, suspend, checkpoint, evaluate, generate.

A command is acknowledged before it is applied, so that none is ever applied twice, whoever asked and however often.
One that cannot be acknowledged, since the disk is full, waits for room. What takes a while says what it is doing first
("saving", "answering"); what came of it follows once it is there.
"""

from __future__ import annotations

import json
import logging
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from grpo_core.engine.capture import Recorder
from grpo_core.engine.pace import Pace
from grpo_core.errors import DiskFullError
from grpo_core.runs.folder import RunFolder
from grpo_core.runs.room import Room
from grpo_core.store import Command, ControlDb
from grpo_core.store.control import UNDER_WAY
from grpo_core.types import Json

_log = logging.getLogger(__name__)
_POLL_SECONDS = 0.1
_ROOM_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a command can have done right now, between two steps: evaluate the policy, write a whole checkpoint,
    answer a question (JSON in, JSON out)."""

    evaluate: Callable[[int], bool]
    save: Callable[[], None]
    answer: Callable[[Json], Json]


class Commander(TrainerCallback):
    """Applies commands (and SIGTERM, as a stop) once a step's metrics are logged: that is when saving is safe.

    `every`: steps that one generation serves; commands wait for its end, since a run goes on only from whole ones.
    A run whose disk has no `room` is held at the same moment, says why, and goes on once there is room.
    """

    def __init__(
        self,
        folder: RunFolder,
        recorder: Recorder,
        pace: Pace,
        abilities: Abilities,
        every: int = 1,
        room: Room | None = None,
    ) -> None:
        self._run = folder.id
        self._db = ControlDb(folder.path.parent)
        self._recorder = recorder
        self._pace = pace
        self._abilities = abilities
        self._every = every
        self._terminated = threading.Event()
        self._paused = False
        self._room = room or Room(folder)
        self._handler_before = signal.signal(signal.SIGTERM, self._terminate)

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: Any = None, **_: Any
    ) -> None:
        if "train_runtime" in (logs or {}) or state.global_step % self._every:
            return
        self._apply_pending(state, control)
        if self._paused and not control.should_training_stop:
            with self._pace.paused():
                self._wait(state, control)
        if self._complaint() and not control.should_training_stop:
            with self._pace.paused():
                self._wait_for_room(state, control)

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        signal.signal(signal.SIGTERM, self._handler_before)
        for command in self._db.pending(self._run):
            self._acknowledge(command, "too late: the run had ended")
        self._db.close()

    def _terminate(self, number: int, _: FrameType | None) -> None:
        self._terminated.set()

    def _wait(self, state: TrainerState, control: TrainerControl) -> None:
        """Hold everything, memory included, until somebody resumes or stops the run."""
        self._facts(paused=True)
        while self._paused and not control.should_training_stop:
            self._terminated.wait(_POLL_SECONDS)
            self._recorder.feed.stir()
            self._apply_pending(state, control)
        self._facts(paused=False)

    def _wait_for_room(self, state: TrainerState, control: TrainerControl) -> None:
        """Hold until there is room on the disk, or somebody stops the run; say why on both screens."""
        told = None
        while not control.should_training_stop and (complaint := self._complaint()):
            if told is None:
                _log.warning(complaint)
                self._facts(held=complaint)
                told = complaint
            self._terminated.wait(_ROOM_SECONDS)
            self._recorder.feed.stir()
            self._apply_pending(state, control)
        self._facts(held=None)

    def _complaint(self) -> str | None:
        if self._recorder.background.waits_for_room:
            return "The disk is full: what was sampled waits in memory until there is room. Nothing is lost."
        return self._room.complaint()

    def _apply_pending(self, state: TrainerState, control: TrainerControl) -> None:
        for command in self._db.pending(self._run):
            self._apply(command, state, control)
        if self._terminated.is_set() and not control.should_training_stop:
            self._stop(control, "stopped")

    def _apply(self, command: Command, state: TrainerState, control: TrainerControl) -> None:
        if control.should_training_stop:
            self._acknowledge(command, "too late: the run was stopping")
        elif command.kind not in _RESULTS:
            self._acknowledge(command, f"refused: this trainer does not know {command.kind}")
        elif self._acknowledge(command, _RESULTS[command.kind]):
            self._do(command, state, control)

    def _do(self, command: Command, state: TrainerState, control: TrainerControl) -> None:
        if command.kind == "pause":
            self._paused = True
        elif command.kind == "resume":
            self._paused = False
        elif command.kind == "checkpoint":
            self._abilities.save()
            self._finish(command.id, f"written at step {state.global_step}")
        elif command.kind == "evaluate":
            new = self._abilities.evaluate(state.global_step)
            done = "evaluated" if new else "had been evaluated already"
            self._finish(command.id, f"{done} at step {state.global_step}")
        elif command.kind == "generate":
            self._finish(command.id, json.dumps(self._answer(command.arguments)))
        elif command.kind == "suspend":
            self._stop(control, "suspended")
        else:
            self._stop(control, "discarded" if command.arguments.get("discard") else "stopped")

    def _acknowledge(self, command: Command, result: str) -> bool:
        """False where it had been before, or where that could not be written: then it waits."""
        with suppress(DiskFullError):
            return self._db.acknowledge(command.id, result)
        return False

    def _finish(self, command_id: int, result: str) -> None:
        """Say what came of it; on a full disk it keeps saying what it was doing."""
        with suppress(DiskFullError):
            self._db.finish(command_id, result)

    def _answer(self, question: Json) -> Json:
        """Whatever is asked, and however it fails, the training goes on."""
        try:
            return self._abilities.answer(question)
        except Exception as error:  # noqa: BLE001 - the edge of what people ask: logged, and shown to who asked
            _log.exception("a question could not be answered")
            return {"error": str(error) or type(error).__name__}

    def _stop(self, control: TrainerControl, reason: str) -> None:
        control.should_save = reason != "discarded"
        control.should_training_stop = True
        self._facts(stopping=True, stop_reason=reason, suspended=reason == "suspended")

    def _facts(self, **facts: Any) -> None:
        self._recorder.background.submit(lambda: self._recorder.writer.set_facts(facts))


_RESULTS = {
    "pause": "paused",
    "resume": "resumed",
    **UNDER_WAY,
    "stop": "stopping",
    "suspend": "suspending",
}
