"""`grpo-dash train` and `--demo`: starting runs, following them, and the exit codes of `--wait`."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path
from typing import Any

import pytest

from grpo_app.cli import main
from grpo_app.commands import demo, train
from grpo_app.commands.train import Progress, wait_for
from grpo_core.config import RunConfig
from grpo_core.runs import RunFolder, create_run
from grpo_core.runs.process import ExitRecord, ProcessIdentity, ProcessRecord, boot_id, identify, write_record
from tests.samples import write_sample_run


def end(folder: RunFolder, code: int | None, signal: int | None = None) -> None:
    """As the supervisor leaves a run that has ended."""
    write_record(folder.process_file, ProcessRecord(identify(os.getpid()), None, 1))
    write_record(folder.exit_file, ExitRecord(1, code, signal, time.time()))


def say_stopped(folder: RunFolder) -> None:
    writer = folder.writer()
    writer.set_facts({"stop_reason": "stopped"})
    writer.close()


@pytest.mark.parametrize(
    ("code", "signal", "stopped", "expected"),
    [(0, None, False, 0), (1, None, False, 1), (None, 9, False, 1), (0, None, True, 3)],
    ids=["finished", "failed", "killed", "stopped"],
)
def test_how_a_run_ended_is_the_exit_code(
    tmp_path: Path, code: int | None, signal: int | None, stopped: bool, expected: int
) -> None:
    folder = write_sample_run(tmp_path)
    if stopped:
        say_stopped(folder)
    end(folder, code, signal)
    assert wait_for(folder, Progress(io.StringIO())) == expected


def test_the_id_is_alone_on_stdout_and_the_progress_is_on_stderr(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def start(runs_dir: Path, config: RunConfig) -> RunFolder:
        folder = write_sample_run(runs_dir, name=config.name)
        end(folder, 0)
        return folder

    monkeypatch.setattr(train, "start_run", start)
    words = ["train", "--preset", "demo", "--set", "name=mine", "--wait", "--runs-dir", str(tmp_path)]
    assert main(words) == 0
    said = capsys.readouterr()
    assert said.out.startswith("mine-")
    assert len(said.out.splitlines()) == 1
    assert "finished · step 12/12 · reward 1.00 · held-out pass@1 90 %" in said.err


def test_progress_writes_over_its_line_on_a_terminal_only() -> None:
    class Tty(io.StringIO):
        def isatty(self) -> bool:
            return True

    tty, file = Tty(), io.StringIO()
    for stream in (tty, file):
        progress = Progress(stream)
        for line in ("step 1", "step 2", "step 2", "step 3"):
            progress.show(line)
        progress.end("over")
    assert tty.getvalue() == "\r\x1b[2Kstep 1\r\x1b[2Kstep 2\r\x1b[2Kstep 3\r\x1b[2Kover\n"
    assert file.getvalue() == "step 1\nover\n"


def test_interrupting_the_wait_leaves_the_run_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    folder = write_sample_run(tmp_path)
    monkeypatch.setattr(train, "start_run", lambda *_: folder)
    monkeypatch.setattr(train, "_follow", interrupted)
    assert main(["train", "--preset", "demo", "--wait", "--runs-dir", str(tmp_path)]) == 130
    assert f"grpo-dash stop {folder.id}" in capsys.readouterr().err


def test_a_demo_that_is_going_is_shown_and_not_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[RunFolder] = []

    def start(runs_dir: Path, config: RunConfig) -> RunFolder:
        folder = create_run(runs_dir, config)
        write_record(folder.process_file, ProcessRecord(identify(os.getpid()), identify(os.getpid()), 1))
        started.append(folder)
        return folder

    monkeypatch.setattr(demo, "start_run", start)
    first = demo.demo_run(tmp_path)
    assert demo.demo_run(tmp_path) == first
    end(first, 0)
    assert demo.demo_run(tmp_path) != first
    assert len(started) == 2


def test_a_run_that_only_looks_lost_is_given_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The trainer is gone, its supervisor writes the record a moment later."""
    folder = write_sample_run(tmp_path)
    gone = ProcessIdentity(2**22 - 1, 1.0, boot_id())
    write_record(folder.process_file, ProcessRecord(identify(os.getpid()), gone, 1))
    sleeps: list[float] = []

    def sleep(seconds: float) -> None:
        sleeps.append(seconds)
        end(folder, 0)

    monkeypatch.setattr(train.time, "sleep", sleep)
    assert wait_for(folder, Progress(io.StringIO())) == 0
    assert sleeps
