"""A full disk: what was handed over waits, nothing acknowledged is lost, and it goes on once there is room."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from grpo_core.config import RunConfig
from grpo_core.errors import DiskFullError, StoreError
from grpo_core.runs import create_run
from grpo_core.store import BackgroundWriter, ControlDb, GroupFilter, RunReader, RunWriter, background
from grpo_core.types import Group
from tests.samples import sample_group

SECONDS = 60


def large_group(number: int) -> Group:
    group = sample_group(number, number, [True, False] * 4)
    noise = os.urandom(3000).hex()
    return replace(group, completions=tuple(replace(c, text=f"{noise}{c.text}") for c in group.completions))


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "RETRY_SECONDS", 0.01)


def hand_over(store: BackgroundWriter, writer: RunWriter, numbers: range) -> None:
    for number in numbers:
        group = large_group(number)
        store.submit(lambda group=group: writer.add_groups([group]))
        store.submit(lambda number=number: writer.add_metrics(number, {"reward": 1.0, f"key {number}": 2.0}))


def assert_all_there(path: Path, count: int) -> None:
    reader = RunReader(path)
    assert [row.id for row in reader.group_rows(limit=1000)] == list(range(count, 0, -1))
    assert reader.counters()["groups"] == count == reader.count_groups(GroupFilter())
    assert len(reader.metrics_since()["reward"]) == count
    assert len(reader.list_problems().rows) == 1
    reader.close()
    db = apsw.Connection(str(path))
    assert db.pragma("integrity_check") == "ok"
    db.close()


def test_a_database_that_may_not_grow_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    writer, store = RunWriter(path), BackgroundWriter()
    writer._db.execute("PRAGMA max_page_count = 70")
    hand_over(store, writer, range(1, 31))
    wait_for(lambda: store.waits_for_room)
    stored = RunReader(path).counters()["groups"]
    assert 0 < stored < 30
    time.sleep(0.05)
    assert RunReader(path).counters()["groups"] == stored, "what has no room leaves no trace"
    give_room(writer)
    store.close()
    assert not store.waits_for_room
    writer.close()
    assert_all_there(path, 30)


def give_room(writer: RunWriter) -> None:
    """Let the database grow again; the thread that writes is between two tries for most of the time."""
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            writer._db.execute("PRAGMA max_page_count = 100000")
        except apsw.Error:
            assert time.monotonic() < deadline
        else:
            return


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_real_disk_that_is_full_is_waited_for(small_disk: Path) -> None:
    path = small_disk / "run.db"
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 7_400_000)
    writer, store = RunWriter(path), BackgroundWriter()
    hand_over(store, writer, range(1, 16))
    wait_for(lambda: store.waits_for_room)
    reader = RunReader(path)
    assert reader.counters()["groups"] < 15, "readers read on"
    reader.close()
    ballast.unlink()
    store.close()
    writer.close()
    assert_all_there(path, 15)


def test_a_command_that_finds_no_room_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    control = ControlDb(tmp_path)
    control._db.execute("PRAGMA max_page_count = 6")
    with pytest.raises(DiskFullError, match=r"The disk is full: .*control\.db.*Make room"):
        control.issue("run", "generate", "test", {"prompt": "x" * 50_000})
    assert control.history("run") == []
    control._db.execute("PRAGMA max_page_count = 100000")
    number = control.issue("run", "stop", "test")
    assert [command.id for command in control.history("run")] == [number]
    control.close()


def test_a_run_for_which_there_is_no_room_is_not_made(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * (shutil.disk_usage(small_disk).free - 8192))
    with pytest.raises((OSError, DiskFullError)):
        create_run(small_disk, RunConfig(name="none"))
    assert list(small_disk.iterdir()) == [ballast]
    ballast.unlink()
    assert create_run(small_disk, RunConfig(name="one")).path.is_dir()


def test_another_failure_still_ends_the_storing(tmp_path: Path) -> None:
    writer, store = RunWriter(tmp_path / "run.db"), BackgroundWriter()
    store.submit(lambda: writer.add_groups([sample_group(1, 1, [True]), sample_group(1, 1, [True])]))
    with pytest.raises(StoreError):
        store.flush()
    with pytest.raises(StoreError):
        store.close()
    writer.close()
