"""`python -m grpo_core.runs.supervisor RUN_DIR`: holds the run's lock, starts the trainer and records how it ended.

Detached from whatever started it, so that a run outlives the page, the terminal and the SSH session. It holds no
torch. While the trainer lives it looks after one thing: one that was told to stop and does not is ended by force.
Whatever else fails meanwhile (a full disk, a damaged database) is logged: it stays until it can say how it ended.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

from grpo_core.runs.ending import end_commands
from grpo_core.runs.escalation import Escalation, kill_group
from grpo_core.runs.folder import RunFolder
from grpo_core.runs.memory_watch import MemoryWatch
from grpo_core.runs.process import (
    ExitRecord,
    ProcessRecord,
    forget_unfinished,
    identify,
    read_process_record,
    reserve_record,
    take_lock,
    write_record,
)
from grpo_core.runs.status import NOT_STOPPED

ENGINE_MODULE = "grpo_core.engine"
LOOK_SECONDS = 0.5


def supervise(folder: RunFolder) -> int:
    """Run the trainer to its end; 0 if it ended well, 1 if not, 2 if the run was already in somebody's hands."""
    lock = take_lock(folder.lock)
    if lock is None:
        print(f"{folder.id} is already running.", file=sys.stderr)  # noqa: T201 - this goes to the run's log
        return 2
    before = read_process_record(folder.process_file)
    attempt = before.attempt + 1 if before else 1
    supervisor = identify(os.getpid())
    _forget_the_last_stop(folder)
    reserve_record(folder.exit_file)
    write_record(folder.process_file, ProcessRecord(supervisor, None, attempt))
    escalation = Escalation(folder)
    trainer = _start_trainer(folder, lock)
    write_record(folder.process_file, ProcessRecord(supervisor, identify(trainer.pid), attempt))
    _forward_signals(trainer)
    memory = MemoryWatch()
    code = _wait(trainer, (lambda: escalation.look(trainer), memory.look))
    kill_group(trainer.pid)
    _whatever_happens(lambda: end_commands(folder))
    write_record(folder.exit_file, _exit_record(attempt, code, escalation.forced, memory.ran_out()))
    return 0 if code == 0 else 1


def _forget_the_last_stop(folder: RunFolder) -> None:
    """Nobody else writes here now: the lock is ours and the trainer has not started."""
    forget_unfinished(folder.path)
    end_commands(folder)
    reader = folder.reader()
    facts = reader.facts()
    reader.close()
    before = facts.get("seconds_before") or 0.0
    if facts.get("started_at"):
        before += (facts.get("updated_at") or facts["started_at"]) - facts["started_at"]
    writer = folder.writer()
    writer.set_facts({**NOT_STOPPED, "started_at": None, "seconds_before": before})
    writer.close()
    folder.heartbeat.unlink(missing_ok=True)


def _start_trainer(folder: RunFolder, lock: int) -> subprocess.Popen[bytes]:
    """The trainer inherits the lock, so that the run stays taken if this process dies before it."""
    with folder.log.open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", ENGINE_MODULE, "train", str(folder.path)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[lock],
            process_group=0,
        )


def _wait(trainer: subprocess.Popen[bytes], looks: Sequence[Callable[[], None]]) -> int:
    while True:
        try:
            return trainer.wait(LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            for look in looks:
                _whatever_happens(look)


def _whatever_happens(do: Callable[[], None]) -> None:
    try:
        do()
    except Exception as error:  # noqa: BLE001 - the edge of a process, which has to outlive its trainer
        print(f"supervisor: {error}", file=sys.stderr)  # noqa: T201 - this goes to the run's log


def _forward_signals(trainer: subprocess.Popen[bytes]) -> None:
    def forward(number: int, _: FrameType | None) -> None:
        trainer.send_signal(number)

    signal.signal(signal.SIGTERM, forward)
    signal.signal(signal.SIGINT, forward)


def _exit_record(attempt: int, code: int, forced: bool, out_of_memory: bool) -> ExitRecord:
    if code >= 0:
        return ExitRecord(attempt, code, None, time.time(), forced)
    return ExitRecord(attempt, None, -code, time.time(), forced, out_of_memory and -code == signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(supervise(RunFolder(Path(sys.argv[1]))))
