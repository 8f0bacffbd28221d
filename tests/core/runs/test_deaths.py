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
from pathlib import Path

import psutil
import pytest

from grpo_core.config import RunConfig
from grpo_core.errors import RunError
from grpo_core.runs import RunFolder, create_run, summarise
from grpo_core.runs.control import command_run, resume_run, stop_now
from grpo_core.runs.process import ProcessRecord, read_process_record, take_lock
from grpo_core.store import ControlDb

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

    def start_named(behaviour: str = "obedient", until: str = "running") -> RunFolder:
        from grpo_core.runs.start import start_supervisor

        folder = create_run(tmp_path, RunConfig(name=behaviour))
        started.append(folder)
        start_supervisor(folder)
        await_status(folder, until)
        return folder

    yield start_named
    for folder in started:
        kill_all(folder)


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
def test_both_killed(start: Callable[..., RunFolder], round_number: int) -> None:
    folder = start()
    record = record_of(folder)
    kill(record.supervisor.pid)
    kill(record.trainer.pid)  # type: ignore[union-attr]
    assert summarise(folder).status == "lost"


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


def test_a_failing_trainer_is_failed_with_its_code(start: Callable[..., RunFolder]) -> None:
    folder = start("failing", until="failed")
    assert summarise(folder).exit == {"code": 1, "signal": None}
    assert "it was told to fail" in folder.log.read_text()


def test_a_trainer_that_does_not_stop_is_killed_with_its_group(start: Callable[..., RunFolder]) -> None:
    folder = start("deaf")
    command_run(folder, "stop", "test")
    await_status(folder, "killed")
    assert '"forced": true' in folder.exit_file.read_text()


def test_the_screen_that_started_it_may_go(tmp_path: Path) -> None:
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
