"""Which process is whose: identities that survive a reused pid and a reboot, and the records beside a run."""

from __future__ import annotations

import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psutil

_START_TOLERANCE = 0.005
_RECORD_BYTES = 1024
"""A record is shorter; its file is filled up with blanks."""
_UNFINISHED = ".new"


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """A process: its pid means it only together with when it started and in which boot. `started_at` is in seconds
    since that boot where the kernel says so (an epoch's seconds move whenever the clock is set), else in epoch seconds.
    """

    pid: int
    started_at: float
    boot_id: str


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """`process.json`: who runs this run. `attempt` counts starts and resumes, from 1."""

    supervisor: ProcessIdentity
    trainer: ProcessIdentity | None
    attempt: int


@dataclass(frozen=True, slots=True)
class ExitRecord:
    """`exit.json`: how the trainer of this attempt ended; one of `code` and `signal` is None. `forced`: by its
    supervisor, since it did not stop when it was told to. `out_of_memory`: the system killed something for want of
    memory at the moment at which it was killed."""

    attempt: int
    code: int | None
    signal: int | None
    at: float
    forced: bool = False
    out_of_memory: bool = False


@cache
def boot_id() -> str:
    """The same for as long as a process lives, and asked for at every look."""
    kernel = Path("/proc/sys/kernel/random/boot_id")
    return kernel.read_text().strip() if kernel.is_file() else str(int(psutil.boot_time()))


def identify(pid: int) -> ProcessIdentity:
    return ProcessIdentity(pid, _started_at(pid), boot_id())


def find_process(identity: ProcessIdentity | None) -> psutil.Process | None:
    """The process itself if it is still the same one and no zombie."""
    if identity is None or identity.boot_id != boot_id():
        return None
    try:
        process = psutil.Process(identity.pid)
        same = abs(_started_at(identity.pid) - identity.started_at) < _START_TOLERANCE
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except (psutil.Error, OSError):
        return None


def _started_at(pid: int) -> float:
    """As `ProcessIdentity` has it; raises psutil.NoSuchProcess or OSError if there is no such process."""
    if not Path("/proc/self/stat").is_file():
        return psutil.Process(pid).create_time()
    # The name, in brackets, may hold anything; the start in ticks is the 22nd field, the 20th after the name.
    after_name = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2]
    return int(after_name.split()[19]) / os.sysconf("SC_CLK_TCK")


def is_suspended(process: psutil.Process) -> bool:
    """Was it stopped by SIGSTOP or a debugger?"""
    try:
        return process.status() in (psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP)
    except psutil.Error:
        return False


def write_record(path: Path, record: ProcessRecord | ExitRecord) -> None:
    """Whole or not at all, and also where `reserve_record` was the last to find room on the disk."""
    temporary = _unfinished(path)
    with temporary.open("r+b" if temporary.is_file() else "wb") as file:
        file.write(json.dumps(asdict(record)).encode().ljust(_RECORD_BYTES))
    temporary.replace(path)


def reserve_record(path: Path) -> None:
    """Have the room that this process's next `write_record` takes, whatever fills the disk until then."""
    _unfinished(path).write_bytes(b" " * _RECORD_BYTES)


def forget_unfinished(folder: Path) -> None:
    """Remove what writers that were killed left of a record in this folder."""
    for path in folder.glob(f"*{_UNFINISHED}"):
        path.unlink(missing_ok=True)


def _unfinished(path: Path) -> Path:
    """Each process its own: two may write the same record at once."""
    return path.with_name(f"{path.name}.{os.getpid()}{_UNFINISHED}")


def read_process_record(path: Path) -> ProcessRecord | None:
    """None if there is none, or something else stands there."""
    data = _read_json(path)
    try:
        return None if data is None else _process_record(data)
    except (KeyError, TypeError, ValueError):
        return None


def read_exit_record(path: Path) -> ExitRecord | None:
    """None if there is none, or something else stands there."""
    data = _read_json(path)
    try:
        return ExitRecord(**data) if data else None
    except TypeError:
        return None


def _process_record(data: dict[str, Any]) -> ProcessRecord:
    trainer = data["trainer"]
    return ProcessRecord(
        _identity(data["supervisor"]),
        _identity(trainer) if trainer else None,
        int(data["attempt"]),
    )


def _identity(data: dict[str, Any]) -> ProcessIdentity:
    return ProcessIdentity(int(data["pid"]), float(data["started_at"]), str(data["boot_id"]))


def take_lock(path: Path) -> int | None:
    """An open descriptor that holds the run's lock (inherited by the trainer), or None if somebody has it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def clock() -> float:
    """Seconds since boot, sleep included: what a heartbeat is stamped with."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        data = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) else None
