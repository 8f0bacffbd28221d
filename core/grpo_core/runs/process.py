"""Which process is whose: identities that survive a reused pid and a reboot, and the records beside a run."""

from __future__ import annotations

import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

_START_TOLERANCE = 0.02


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """A process: its pid means it only together with when it started (epoch seconds) and in which boot."""

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
    supervisor, since it did not stop when it was told to."""

    attempt: int
    code: int | None
    signal: int | None
    at: float
    forced: bool = False


def boot_id() -> str:
    kernel = Path("/proc/sys/kernel/random/boot_id")
    return kernel.read_text().strip() if kernel.is_file() else str(int(psutil.boot_time()))


def identify(pid: int) -> ProcessIdentity:
    return ProcessIdentity(pid, psutil.Process(pid).create_time(), boot_id())


def find_process(identity: ProcessIdentity | None) -> psutil.Process | None:
    """The process itself if it is still the same one and no zombie."""
    if identity is None or identity.boot_id != boot_id():
        return None
    try:
        process = psutil.Process(identity.pid)
        same = abs(process.create_time() - identity.started_at) < _START_TOLERANCE
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.Error:
        return None


def is_suspended(process: psutil.Process) -> bool:
    """Was it stopped by SIGSTOP or a debugger?"""
    try:
        return process.status() in (psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP)
    except psutil.Error:
        return False


def write_record(path: Path, record: ProcessRecord | ExitRecord) -> None:
    """Whole or not at all."""
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps(asdict(record)))
    temporary.replace(path)


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
