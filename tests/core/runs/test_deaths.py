"""What a run's status says after each kind of death, that no trainer is left behind, and that commands apply once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from grpo_core.config import RunConfig
from grpo_core.errors import RunError
from grpo_core.runs import RunFolder, create_run, escalation, summarise
from grpo_core.runs.autopsy import explain_ending
from grpo_core.runs.control import command_run, is_done, resume_run, stop_now
from grpo_core.runs.process import ProcessRecord, find_process, identify, read_process_record, take_lock, write_record
from grpo_core.runs.start import start_supervisor
from grpo_core.store import Command, ControlDb
from tests.core.runs.stand_in_engine import SLEEPER

ROOT = Path(__file__).parents[3]
SUPERVISE = """
import sys
from pathlib import Path
from grpo_core.runs import RunFolder, escalation, supervisor
supervisor.ENGINE_MODULE = "tests.core.runs.stand_in_engine"
supervisor.LOOK_SECONDS = 0.02
escalation.LEAST_PATIENCE, escalation.GRACE = 0.1, 0.1
sys.exit(supervisor.supervise(RunFolder(Path(sys.argv[1]))))
"""
ROUNDS = int(os.environ.get("GRPO_DASH_ROUNDS", "3"))
"""Rounds of each kind of death; `make soak` asks for more."""


@pytest.fixture(autouse=True)
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Supervisors started by the code under test run the stand-in trainer."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr("grpo_core.runs.start.COMMAND", (sys.executable, "-c", SUPERVISE))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., RunFolder]]:
    started: list[RunFolder] = []

    def start_named(
        behaviour: str = "obedient",
        until: str = "running",
        small_group: Path | None = None,
        runs_dir: Path = tmp_path,
    ) -> RunFolder:
        folder = create_run(runs_dir, RunConfig(name=behaviour))
        started.append(folder)
        if small_group:
            (folder.path / "cgroup").write_text(str(small_group / "cgroup.procs"))
        start_supervisor(folder)
        await_status(folder, until)
        return folder

    yield start_named
    for folder in started:
        kill_all(folder)


@pytest.fixture
def small_group() -> Iterator[Path]:
    """A control group with little memory, where one can be made."""
    first, second = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")
    parent, limit = (first, "memory.limit_in_bytes") if first.is_dir() else (second, "memory.max")
    group = parent / f"grpo-dash-test-{os.getpid()}"
    try:
        group.mkdir()
        (group / limit).write_text(str(128 * 2**20))
    except OSError as error:
        pytest.skip(f"no control group with a limit can be made here: {error}")
    yield group
    group.rmdir()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("no file system can be mounted here")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path) -> None:
    """To the last byte."""
    with (disk / "filler").open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    assert psutil.disk_usage(str(disk)).free == 0


def cause_of(folder: RunFolder) -> str:
    ending = explain_ending(folder, summarise(folder).status)
    assert ending is not None
    return ending.cause


def commands_of(folder: RunFolder) -> list[Command]:
    with closing(ControlDb(folder.path.parent)) as control:
        return control.history(folder.id)


def open_commands(folder: RunFolder) -> list[Command]:
    return [command for command in commands_of(folder) if not is_done(command)]


def is_sleeper(process: psutil.Process, folder: RunFolder) -> bool:
    return str(folder.path) in (process.info["cmdline"] or []) and SLEEPER in process.info["cmdline"]


def await_status(folder: RunFolder, *wanted: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while (status := summarise(folder).status) not in wanted:
        assert time.monotonic() < deadline, f"still {status}, log: {folder.log.read_text()[-500:]}"
        time.sleep(0.005)


def record_of(folder: RunFolder) -> ProcessRecord:
    record = read_process_record(folder.process_file)
    assert record is not None
    return record


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    """Send a signal and wait until its process is gone or a zombie."""
    os.kill(pid, number)
    if number == signal.SIGKILL:
        try:
            process = psutil.Process(pid)
            while process.status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.002)
        except psutil.NoSuchProcess:
            return


def kill_all(folder: RunFolder) -> None:
    record = record_of(folder)
    for identity in (record.supervisor, record.trainer):
        if identity and psutil.pid_exists(identity.pid):
            os.kill(identity.pid, signal.SIGKILL)


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_the_trainer_killed(start: Callable[..., RunFolder], round_number: int) -> None:
    folder = start()
    kill(record_of(folder).trainer.pid)  # type: ignore[union-attr]
    await_status(folder, "killed")
    assert summarise(folder).exit == {"code": None, "signal": 9}


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_the_supervisor_killed_leaves_a_run_that_can_be_stopped(
    start: Callable[..., RunFolder], round_number: int
) -> None:
    folder = start()
    kill(record_of(folder).supervisor.pid)
    assert summarise(folder).status == "running"
    assert take_lock(folder.lock) is None, "the trainer still holds the run"
    assert summarise(folder).orphan
    stop_now(folder, "test")
    assert (summarise(folder).status, summarise(folder).exit) == ("killed", {"code": None, "signal": 15})
    with pytest.raises(RunError, match="no trainer"):
        stop_now(folder, "test")


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_an_orphan_says_itself_how_it_ended(start: Callable[..., RunFolder], round_number: int) -> None:
    folder = start()
    kill(record_of(folder).supervisor.pid)
    command_run(folder, "stop", "test")
    await_status(folder, "finished")
    assert summarise(folder).exit == {"code": 0, "signal": None}


def test_an_orphan_that_is_deaf_is_ended_by_force(
    start: Callable[..., RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grpo_core.runs.escalation.GRACE", 0.1)
    folder = start("deaf")
    kill(record_of(folder).supervisor.pid)
    command_run(folder, "stop", "test")
    stop_now(folder, "test")
    assert summarise(folder).exit == {"code": None, "signal": 9}
    assert not open_commands(folder)


def test_a_trainer_that_goes_just_as_it_is_to_be_ended_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    identity = identify(trainer.pid)
    seen = [find_process(identity), None, None]
    trainer.kill()
    trainer.wait()
    monkeypatch.setattr("grpo_core.runs.escalation.find_process", lambda _: seen.pop(0))
    assert escalation.end_by_force(identity) == signal.SIGTERM


def test_a_trainer_that_was_never_written_down_says_who_it_is(start: Callable[..., RunFolder]) -> None:
    """Its supervisor was killed between starting it and recording it."""
    folder = start()
    record = record_of(folder)
    kill(record.supervisor.pid)
    kill(record.trainer.pid)  # type: ignore[union-attr]
    write_record(folder.process_file, replace(record, trainer=None, attempt=2))
    trainer = subprocess.Popen([sys.executable, "-m", "tests.core.runs.stand_in_engine", "train", str(folder.path)])
    await_status(folder, "running")
    assert record_of(folder).trainer == identify(trainer.pid)
    command_run(folder, "stop", "test")
    assert trainer.wait(60) == 0
    assert summarise(folder).status == "finished"


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_both_killed(start: Callable[..., RunFolder], round_number: int) -> None:
    folder = start()
    record = record_of(folder)
    kill(record.supervisor.pid)
    kill(record.trainer.pid)  # type: ignore[union-attr]
    assert summarise(folder).status == "lost"
    assert "something killed both" in cause_of(folder)


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_another_boot_or_a_reused_pid_is_lost(start: Callable[..., RunFolder], round_number: int) -> None:
    folder = start()
    record = record_of(folder)
    assert record.trainer is not None
    others = {"boot_id": "another boot"}, {"started_at": record.trainer.started_at + 0.02}
    for other in others:
        changed = (replace(identity, **other) for identity in (record.supervisor, record.trainer))
        write_record(folder.process_file, ProcessRecord(*changed, record.attempt))
        assert summarise(folder).status == "lost"
        assert ("restarted" in cause_of(folder)) is ("boot_id" in other)
    write_record(folder.process_file, record)
    assert summarise(folder).status == "running"


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_out_of_memory(small_group: Path, start: Callable[..., RunFolder], round_number: int) -> None:
    folder = start("greedy", until="starting", small_group=small_group)
    await_status(folder, "killed")
    assert summarise(folder).exit == {"code": None, "signal": 9}
    assert "because memory ran out" in cause_of(folder)


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_what_the_trainer_started_goes_with_it(start: Callable[..., RunFolder], round_number: int) -> None:
    folder = start("parent")
    kill(record_of(folder).trainer.pid)  # type: ignore[union-attr]
    await_status(folder, "killed")
    _, alive = psutil.wait_procs([p for p in psutil.process_iter(["cmdline"]) if is_sleeper(p, folder)], timeout=60)
    assert not alive


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_stopped_by_a_signal_is_stalled_until_it_goes_on(start: Callable[..., RunFolder], round_number: int) -> None:
    folder = start()
    trainer = record_of(folder).trainer
    assert trainer is not None
    kill(trainer.pid, signal.SIGSTOP)
    await_stalled(folder, True)
    assert summarise(folder).status == "running"
    kill(trainer.pid, signal.SIGCONT)
    await_stalled(folder, False)


def test_an_old_heartbeat_is_not_the_resumed_trainers(start: Callable[..., RunFolder]) -> None:
    folder = start()
    kill(record_of(folder).trainer.pid)  # type: ignore[union-attr]
    await_status(folder, "killed")
    folder.heartbeat.write_text("1.0")
    resume_run(folder, "test")
    assert not summarise(folder).stalled


def await_stalled(folder: RunFolder, wanted: bool) -> None:
    deadline = time.monotonic() + 60
    while summarise(folder).stalled is not wanted:
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_a_failing_trainer_is_failed_with_its_code(start: Callable[..., RunFolder], round_number: int) -> None:
    folder = start("failing", until="failed")
    assert summarise(folder).exit == {"code": 1, "signal": None}
    assert "it was told to fail" in folder.log.read_text()


def test_a_trainer_that_does_not_stop_is_killed_with_its_group(start: Callable[..., RunFolder]) -> None:
    folder = start("deaf")
    command_run(folder, "stop", "test")
    await_status(folder, "killed")
    assert '"forced": true' in folder.exit_file.read_text()
    assert "ended by force" in cause_of(folder)


def test_a_resumed_run_obeys_nothing_that_was_meant_for_the_last(start: Callable[..., RunFolder]) -> None:
    """A stop that a killed trainer left unanswered would end the next one, and the next."""
    folder = start("deaf")
    command_run(folder, "checkpoint", "test")
    command_run(folder, "stop", "test")
    await_status(folder, "killed")
    assert [command.result for command in commands_of(folder)] == ["not done: the run had ended"] * 2
    resume_run(folder, "test")
    await_status(folder, "running")
    assert not open_commands(folder)


def test_what_was_under_way_at_its_death_is_said_to_be_not_done(start: Callable[..., RunFolder]) -> None:
    folder = start()
    command_run(folder, "checkpoint", "test")
    while commands_of(folder)[0].result != "saving":
        time.sleep(0.005)
    record = record_of(folder)
    kill(record.supervisor.pid)
    kill(record.trainer.pid)  # type: ignore[union-attr]
    resume_run(folder, "test")
    assert commands_of(folder)[1].result == "not done: the run had ended"


def test_a_full_disk_does_not_hide_how_it_ended(small_disk: Path, start: Callable[..., RunFolder]) -> None:
    folder = start("busy", runs_dir=small_disk)
    fill(small_disk)
    kill(record_of(folder).trainer.pid)  # type: ignore[union-attr]
    await_status(folder, "killed")
    assert summarise(folder).exit == {"code": None, "signal": 9}


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_the_screen_that_started_it_may_go(tmp_path: Path, round_number: int) -> None:
    script = (
        "import sys; from pathlib import Path; from grpo_core.config import RunConfig\n"
        "import grpo_core.runs.start as s\n"
        f"s.COMMAND = (sys.executable, '-c', {SUPERVISE!r});"
        "from grpo_core.runs import create_run; folder = create_run(Path(sys.argv[1]), RunConfig(name='obedient'));"
        "s.start_supervisor(folder); print(folder.id)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, timeout=60)
    folder = RunFolder(tmp_path / done.stdout.strip())
    await_status(folder, "running")
    command_run(folder, "stop", "test")
    await_status(folder, "finished")


def test_a_run_is_resumed_once_however_many_ask(start: Callable[..., RunFolder]) -> None:
    folder = start()
    kill(record_of(folder).trainer.pid)  # type: ignore[union-attr]
    await_status(folder, "killed")
    outcomes: list[str] = []

    def resume() -> None:
        try:
            outcomes.append(resume_run(folder, "test"))
        except RunError as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=resume) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    await_status(folder, "running")
    assert record_of(folder).attempt == 2
    trainers = [p for p in psutil.process_iter(["cmdline"]) if str(folder.path) in (p.info["cmdline"] or [])]
    assert len(trainers) == 2, "one supervisor, one trainer"


@pytest.mark.parametrize("seed", range(5 * ROUNDS))
def test_two_screens_ask_and_each_command_is_applied_once(tmp_path: Path, seed: int) -> None:
    """Random interleavings of two issuers and two appliers: every command is applied exactly once."""
    dice = random.Random(seed)
    screens, trainers = [ControlDb(tmp_path), ControlDb(tmp_path)], [ControlDb(tmp_path), ControlDb(tmp_path)]
    issued, applied = [], []
    for _ in range(40):
        if dice.random() < 0.5:
            kind = dice.choice(["pause", "resume", "checkpoint", "stop"])
            issued.append(dice.choice(screens).issue("run", kind, "screen"))  # type: ignore[arg-type]
        else:
            seen = dice.choice(trainers).pending("run")
            trainer = dice.choice(trainers)
            applied += [command.id for command in seen if trainer.acknowledge(command.id, "done")]
    applied += [command.id for command in trainers[0].pending("run") if trainers[0].acknowledge(command.id, "done")]
    assert sorted(applied) == issued
    for database in (*screens, *trainers):
        database.close()
