"""Sample runs that seem to live, without a trainer: their records name a process that is there."""

from __future__ import annotations

import os
import time
from contextlib import closing

from grpo_core.runs import RunFolder
from grpo_core.runs.process import ExitRecord, ProcessRecord, clock, identify, write_record
from grpo_core.store import Command, ControlDb
from tests.samples import HOSTILE


def enliven(folder: RunFolder, trainer: int | None = None, **facts: object) -> RunFolder:
    """From now on the run is running: this test's own process stands for its supervisor, and for its trainer too
    unless another is named."""
    supervisor = identify(os.getpid())
    write_record(folder.process_file, ProcessRecord(supervisor, identify(trainer or os.getpid()), 1))
    folder.heartbeat.write_text(str(clock() + 3600))
    tell(folder, started_at=time.time(), max_steps=100, **facts)
    return folder


def tell(folder: RunFolder, **facts: object) -> None:
    """What the trainer says of itself."""
    with closing(folder.writer()) as writer:
        writer.set_facts(facts)


def acknowledge(folder: RunFolder, **facts: object) -> list[str]:
    """As the trainer does after its step: takes note of all that was asked; the kinds."""
    with closing(ControlDb(folder.path.parent)) as control:
        found = control.pending(folder.id)
        for command in found:
            control.acknowledge(command.id, f"did {command.kind}")
    tell(folder, **facts)
    return [command.kind for command in found]


def pending(folder: RunFolder) -> list[Command]:
    with closing(ControlDb(folder.path.parent)) as control:
        return control.pending(folder.id)


def end(folder: RunFolder, code: int | None = None, signal: int | None = None) -> None:
    """The run ends badly; the last line of its log is hostile."""
    folder.log.write_text(f"step 7\nValueError: out of luck\n{HOSTILE}\n")
    write_record(folder.exit_file, ExitRecord(1, code, signal, time.time()))
