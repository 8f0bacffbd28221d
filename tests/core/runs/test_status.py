"""Status is derived from facts: records, processes, what the trainer last said."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from grpo_core.config import RunConfig
from grpo_core.errors import ConfigError, ProblemsError, RunError
from grpo_core.runs import RunFolder, create_run, start_run, summarise
from grpo_core.runs.process import (
    ExitRecord,
    ProcessIdentity,
    ProcessRecord,
    clock,
    find_process,
    identify,
    take_lock,
    write_record,
)

GONE = ProcessIdentity(2**22 - 1, 1.0, "another boot")


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return create_run(tmp_path, RunConfig(name="test"))


def say(folder: RunFolder, **facts: object) -> None:
    writer = folder.writer()
    writer.set_facts(facts)
    writer.close()


def test_a_new_run_is_created(folder: RunFolder) -> None:
    summary = summarise(folder)
    assert (summary.status, summary.stalled, summary.exit, summary.step) == ("created", False, None, None)


def test_it_starts_and_runs_and_stops(folder: RunFolder) -> None:
    me = identify(os.getpid())
    write_record(folder.process_file, ProcessRecord(me, me, 1))
    assert summarise(folder).status == "starting"
    say(folder, started_at=time.time())
    assert summarise(folder).status == "running"
    say(folder, paused=True)
    assert summarise(folder).status == "paused"
    say(folder, paused=False, stopping=True)
    assert summarise(folder).status == "stopping"


@pytest.mark.parametrize(
    ("code", "number", "status"), [(0, None, "finished"), (1, None, "failed"), (None, 9, "killed")]
)
def test_how_it_ended_is_on_record(folder: RunFolder, code: int | None, number: int | None, status: str) -> None:
    write_record(folder.process_file, ProcessRecord(GONE, GONE, 1))
    write_record(folder.exit_file, ExitRecord(1, code, number, 0.0))
    summary = summarise(folder)
    assert (summary.status, summary.exit) == (status, {"code": code, "signal": number})


def test_an_exit_of_an_earlier_attempt_does_not_count(folder: RunFolder) -> None:
    me = identify(os.getpid())
    write_record(folder.exit_file, ExitRecord(1, 1, None, 0.0))
    write_record(folder.process_file, ProcessRecord(me, me, 2))
    assert summarise(folder).status == "starting"


@pytest.mark.parametrize("change", [{"started_at": 1.0}, {"boot_id": "another boot"}, {"pid": 2**22 - 1}])
def test_a_reused_pid_or_another_boot_is_lost(folder: RunFolder, change: dict) -> None:
    me = identify(os.getpid())
    write_record(folder.process_file, ProcessRecord(replace(me, **change), replace(me, **change), 1))
    assert summarise(folder).status == "lost"


def test_an_old_heartbeat_is_stalled(folder: RunFolder) -> None:
    me = identify(os.getpid())
    write_record(folder.process_file, ProcessRecord(me, me, 1))
    folder.heartbeat.write_text(str(clock()))
    assert not summarise(folder).stalled
    folder.heartbeat.write_text(str(clock() - 60))
    assert summarise(folder).stalled


@pytest.mark.parametrize(("stirred", "stalled"), [(100, False), (150, True)])
def test_one_that_lives_and_comes_to_nothing_is_stalled(folder: RunFolder, stirred: int, stalled: bool) -> None:
    me = identify(os.getpid())
    write_record(folder.process_file, ProcessRecord(me, me, 1))
    say(folder, started_at=time.time(), seconds_per_step=2.0)
    folder.heartbeat.write_text(f"{clock()} {clock() - stirred}")
    assert summarise(folder).stalled is stalled
    say(folder, seconds_per_step=60.0)
    assert not summarise(folder).stalled, "its steps take long"


def test_a_clock_that_is_set_changes_no_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Epoch seconds of a process's start are reckoned from when the machine booted, which moves with the clock."""
    me = identify(os.getpid())
    booted = psutil.boot_time()
    for module in (psutil, psutil._psplatform):
        monkeypatch.setattr(module, "boot_time", lambda: booted - 3600)
    assert find_process(me) is not None
    assert identify(os.getpid()) == me


def test_one_run_has_one_supervisor(folder: RunFolder) -> None:
    lock = take_lock(folder.lock)
    assert lock is not None
    assert take_lock(folder.lock) is None
    done = subprocess.run(
        [sys.executable, "-m", "grpo_core.runs.supervisor", str(folder.path)], capture_output=True, text=True
    )
    assert done.returncode == 2
    os.close(lock)


def test_a_damaged_database_does_not_take_the_list_down(folder: RunFolder) -> None:
    folder.database.write_bytes(b"damaged" * 100)
    assert summarise(folder).groups == 0


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"model": "/no/such/folder"}, ConfigError, "There is no model"),
        ({"rewards": {"beauty": 1.0}}, ConfigError, "no reward 'beauty'"),
        ({"problems": "generated:poetry"}, ProblemsError, "poetry"),
        ({"problems": "/no/such/file.jsonl"}, ProblemsError, "file.jsonl"),
    ],
)
def test_what_cannot_work_is_said_before_a_run_is_made(
    tmp_path: Path, settings: dict, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        start_run(tmp_path / "runs", RunConfig(**settings))
    assert not (tmp_path / "runs").exists()


def test_a_start_that_fails_tells_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grpo_core.runs.start.COMMAND", (sys.executable, "-m", "grpo_core.no_such_module"))
    with pytest.raises(RunError, match="no_such_module"):
        start_run(tmp_path, RunConfig())
