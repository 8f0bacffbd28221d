"""What goes wrong around a run: a disk that may only be read, a clock that jumps, a log that is rotated away, an
environment that is somebody else's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grpo_core.errors import StoreError
from grpo_core.runs import RunFolder, summarise
from grpo_core.runs.autopsy import explain_ending
from grpo_core.runs.process import ExitRecord, ProcessRecord, clock, identify, write_record
from grpo_core.store import MarksDb, SearchIndex
from grpo_core.views import RunFollower, list_runs
from tests.samples import HOSTILE, write_sample_run

HOSTILE_ENVIRONMENT = {
    "LANG": "C",
    "LC_ALL": "C",
    "PYTHONIOENCODING": "ascii",
    "PYTHONSTARTUP": "/nowhere/startup.py",
    "PYTHONWARNINGS": "ignore",
    "PYTHONHASHSEED": "7",
    "PYTHONOPTIMIZE": "2",
    "GRADIO_SERVER_NAME": "0.0.0.0",
    "GRADIO_SERVER_PORT": "1",
    "GRADIO_ROOT_PATH": "/elsewhere",
    "GRADIO_SHARE": "True",
    "TZ": "Nowhere/Nothing",
    "COLUMNS": "-3",
    "HOME": "/nowhere",
}


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[RunFolder]:
    """A run on a disk that may only be read."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(disk)], capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        folder = write_sample_run(disk)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        yield folder
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_run_on_a_read_only_disk_is_shown(read_only: RunFolder) -> None:
    (summary,) = list_runs(read_only.path.parent)
    assert (summary.groups, summary.notice) == (24, None)
    follower = RunFollower(read_only)
    change = follower.poll()
    follower.close()
    assert change is not None
    assert len(change["groups"]) == 24
    with MarksDb(read_only.path) as marks:
        assert marks.page() == []
        with pytest.raises(StoreError):
            marks.set(1, 0, "suspicious")
    with pytest.raises(StoreError):
        SearchIndex(read_only.path)


@pytest.fixture
def living(tmp_path: Path) -> RunFolder:
    folder = write_sample_run(tmp_path)
    write_record(folder.process_file, ProcessRecord(identify(os.getpid()), identify(os.getpid()), 1))
    writer = folder.writer()
    writer.set_facts({"started_at": time.time(), "updated_at": time.time(), "seconds_per_step": 1.0})
    writer.close()
    folder.heartbeat.write_text(f"{clock():.3f}")
    return folder


@pytest.mark.parametrize("jump", [-86_400 * 400, -60, 60, 86_400 * 400])
def test_a_clock_that_jumps_changes_no_status(living: RunFolder, jump: float, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + jump)
    follower = RunFollower(living)
    change = follower.poll()
    follower.close()
    assert change is not None
    run = change["run"]
    assert (run["status"], run["stalled"]) == ("running", False)
    assert run["elapsed_seconds"] >= 0


@pytest.mark.parametrize("rotation", ["renamed", "emptied", "deleted", "of many bytes"])
def test_a_log_that_was_rotated_away(tmp_path: Path, rotation: str) -> None:
    folder = write_sample_run(tmp_path)
    folder.log.write_text("line\n" * 100)
    gone = identify(os.getpid())
    write_record(folder.process_file, ProcessRecord(gone, gone, 1))
    write_record(folder.exit_file, ExitRecord(1, 1, None, time.time()))
    if rotation == "renamed":
        folder.log.rename(folder.path / "log.txt.1")
        folder.log.write_text("the new one\n")
    elif rotation == "emptied":
        folder.log.write_text("")
    elif rotation == "deleted":
        folder.log.unlink()
    else:
        folder.log.write_bytes(os.urandom(1_000_000))
    summary = summarise(folder)
    assert summary.status == "failed"
    ending = explain_ending(folder, summary.status)
    assert ending is not None
    assert len(json.dumps(ending.to_json())) < 100_000


def test_somebody_elses_environment(tmp_path: Path) -> None:
    folder = write_sample_run(tmp_path)
    command = [sys.executable, "-m", "grpo_app.cli"]
    for rest in (["runs"], ["runs", "--json"], ["show", f"{folder.id}/group/1"], ["show", folder.id, "--json"]):
        done = subprocess.run(
            [*command, *rest, "--runs-dir", str(tmp_path)],
            env={**os.environ, **HOSTILE_ENVIRONMENT},
            capture_output=True,
            cwd="/",
            timeout=120,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b""), done.stderr
        assert b"\x1b]" not in done.stdout, "a completion's control characters stay out of the terminal"
    assert HOSTILE[:10] in json.dumps(json.loads(done.stdout))


def test_a_copy_of_a_run_is_a_run(tmp_path: Path) -> None:
    folder = write_sample_run(tmp_path)
    shutil.copytree(folder.path, tmp_path / "copy-of-it")
    assert {summary.groups for summary in list_runs(tmp_path)} == {24}
