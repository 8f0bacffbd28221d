"""Room on the disk: a run is held with a reason before the disk is full, obeys meanwhile, and goes on by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from transformers import TrainerControl, TrainerState, TrainingArguments

from grpo_core.engine import commands
from grpo_core.engine.capture import Recorder
from grpo_core.engine.commands import Abilities, Commander
from grpo_core.engine.pace import Pace
from grpo_core.errors import DiskFullError
from grpo_core.runs import RunFolder, summarise
from grpo_core.runs.checkpoints import write_manifest
from grpo_core.runs.process import ProcessRecord, identify, write_record
from grpo_core.runs.room import Room
from grpo_core.store import BackgroundWriter, ControlDb
from grpo_core.store.room import ENOUGH_FREE_BYTES, LEAST_FREE_BYTES
from grpo_core.views.plain import plain_head
from tests.samples import write_sample_run

MIB = 1024**2


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return write_sample_run(tmp_path)


def test_a_run_waits_until_there_is_clearly_enough(folder: RunFolder) -> None:
    free = [LEAST_FREE_BYTES]
    room = Room(folder, lambda path: free[0])
    assert room.complaint() is None
    free[0] = LEAST_FREE_BYTES - 1
    assert "255 MiB are free" in (room.complaint() or "")
    free[0] = ENOUGH_FREE_BYTES - 1
    assert room.complaint() is not None
    free[0] = ENOUGH_FREE_BYTES
    assert room.complaint() is None


def test_the_next_checkpoint_needs_room_too(folder: RunFolder) -> None:
    checkpoint = folder.checkpoints / "checkpoint-1"
    checkpoint.mkdir(parents=True)
    (checkpoint / "model").write_bytes(b"x" * MIB)
    write_manifest(checkpoint, 1)
    assert Room(folder, lambda path: LEAST_FREE_BYTES).complaint() is not None
    assert Room(folder, lambda path: LEAST_FREE_BYTES + 2 * MIB).complaint() is None


def test_the_disk_itself_is_asked(folder: RunFolder) -> None:
    assert Room(folder).complaint() is None or "MiB are free" in (Room(folder).complaint() or "")


def hold(folder: RunFolder, free: Callable[[Path], int], control: TrainerControl) -> None:
    """What the trainer does at the end of a step."""
    write_record(folder.process_file, ProcessRecord(identify(1), identify_self(), 1))
    recorder = Recorder(folder.writer(), BackgroundWriter(), SimpleNamespace(stir=lambda: None))  # type: ignore[arg-type]
    recorder.writer.set_facts({"started_at": time.time()})
    abilities = Abilities(lambda step: True, lambda: None, lambda question: {})
    commander = Commander(folder, recorder, Pace(), abilities, room=Room(folder, free))
    arguments = TrainingArguments(output_dir=str(folder.checkpoints), report_to=[])
    commander.on_log(arguments, TrainerState(global_step=3), control, {"reward": 1.0})
    commander.on_train_end(arguments, TrainerState(global_step=3), control)
    recorder.background.close()
    recorder.writer.close()


def identify_self():  # type: ignore[no-untyped-def]
    import os

    return identify(os.getpid())


def test_a_run_without_room_says_why_and_goes_on(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "_ROOM_SECONDS", 0.01)
    seen: list[str | None] = []

    def free(path: Path) -> int:
        """Too little until a screen has seen why."""
        summary = summarise(folder)
        seen.append(summary.notice)
        if summary.notice:
            assert summary.status == "paused"
            assert summary.notice in plain_head(summary.to_json())[-1]
        return ENOUGH_FREE_BYTES if summary.notice else 0

    hold(folder, free, TrainerControl())
    assert "nearly full" in (seen[-1] or "")
    assert summarise(folder).notice is None


def test_a_run_without_room_can_be_stopped(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "_ROOM_SECONDS", 0.01)
    control = TrainerControl()

    def free(path: Path) -> int:
        database = ControlDb(folder.path.parent)
        if not database.history(folder.id):
            database.issue(folder.id, "stop", "test")
        database.close()
        return 0

    hold(folder, free, control)
    assert control.should_training_stop


def test_a_command_that_cannot_be_acknowledged_waits_for_room(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "_ROOM_SECONDS", 0.01)
    control, refused = TrainerControl(), [3]
    with closing(ControlDb(folder.path.parent)) as database:
        database.issue(folder.id, "stop", "test")
    acknowledge = ControlDb.acknowledge

    def without_room(self: ControlDb, command_id: int, result: str) -> bool:
        if refused[0]:
            refused[0] -= 1
            assert not control.should_training_stop
            raise DiskFullError("The disk is full.")
        return acknowledge(self, command_id, result)

    monkeypatch.setattr(ControlDb, "acknowledge", without_room)
    hold(folder, lambda path: 0, control)
    assert control.should_training_stop
    assert not refused[0]
    with closing(ControlDb(folder.path.parent)) as database:
        (command,) = database.history(folder.id)
    assert command.result == "stopping"
