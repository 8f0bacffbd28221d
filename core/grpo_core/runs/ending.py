"""Writing down how a trainer ended, by whoever is left to do it: its supervisor, itself, or who ended it by force.

What was asked of it and did not come about ends with it: a resumed run obeys nothing that was meant for the last one.
"""

from __future__ import annotations

import os
import time
from contextlib import closing, suppress
from dataclasses import replace

from grpo_core.errors import DiskFullError
from grpo_core.runs.folder import RunFolder
from grpo_core.runs.process import (
    ExitRecord,
    find_process,
    identify,
    read_exit_record,
    read_process_record,
    write_record,
)
from grpo_core.store import ControlDb

NOT_DONE = "not done: the run had ended"


def claim_trainer(folder: RunFolder) -> None:
    """For the trainer as it begins: its supervisor may have been killed before it could write down whom it started."""
    record = read_process_record(folder.process_file)
    if record and record.trainer is None and find_process(record.supervisor) is None:
        write_record(folder.process_file, replace(record, trainer=identify(os.getpid())))


def record_own_end(folder: RunFolder, code: int) -> None:
    """For the trainer as it ends: where it has lost its supervisor nobody else can say with which code."""
    record = read_process_record(folder.process_file)
    if record and record.trainer == identify(os.getpid()) and find_process(record.supervisor) is None:
        write_record(folder.exit_file, ExitRecord(record.attempt, code, None, time.time()))
        end_commands(folder)


def record_forced_end(folder: RunFolder, number: int) -> None:
    """For who ended a trainer by this signal: if it had no supervisor and could not say itself how it ended."""
    record = read_process_record(folder.process_file)
    if record is None or find_process(record.supervisor):
        return
    ended = read_exit_record(folder.exit_file)
    if ended is None or ended.attempt != record.attempt:
        write_record(folder.exit_file, ExitRecord(record.attempt, None, number, time.time(), forced=True))
        end_commands(folder)


def end_commands(folder: RunFolder) -> None:
    """Say of every command that waits or is under way that it was not done: nobody is left to do it. A full disk leaves
    that unsaid."""
    with suppress(DiskFullError), closing(ControlDb(folder.path.parent)) as control:
        control.end_open(folder.id, NOT_DONE)
