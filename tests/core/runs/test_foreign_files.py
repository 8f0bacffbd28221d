"""Whatever lies in the runs folder: the screens list what there is, and say of a damaged run what is wrong with it."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grpo_core.errors import GrpoDashError
from grpo_core.runs import RunFolder, find_run, list_run_folders
from grpo_core.runs.autopsy import explain_ending
from grpo_core.runs.checkpoints import checkpoints_of
from grpo_core.runs.control import possible_controls
from grpo_core.views import RunFollower, list_runs
from grpo_core.views.form import values_of_runs
from grpo_core.views.overview import Overview
from tests.samples import write_sample_run

PAGE_BYTES = 4096
PARTS = ("run.db", "process.json", "exit.json", "config.toml", "log.txt", "lock", "live/heartbeat", "live/feed.jsonl")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["pid", "trainer", "supervisor", "attempt", "code", "boot_id"]), inner, max_size=4
        )
    ),
    max_leaves=6,
)
contents = st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode()) | st.just(None)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample_run(tmp_path_factory.mktemp("sound")).path


def look_at_everything(runs_dir: Path) -> None:
    """What both screens ask before anybody opens a run, and what opening one may raise: only what can be shown."""
    for summary in list_runs(runs_dir):
        json.dumps(summary.to_json())
        folder = find_run(runs_dir, summary.id)
        checkpoints_of(folder)
        explain_ending(folder, summary.status)
        possible_controls(summary)
    overview = Overview(runs_dir)
    for _ in range(3):
        json.dumps(overview.rows())
    values_of_runs(runs_dir)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    damage=st.dictionaries(st.sampled_from(PARTS), contents, min_size=1, max_size=4),
    other=st.dictionaries(st.sampled_from(["notes", "run", "a-1", "x.db", "checkpoint-²"]), contents, max_size=3),
)
def test_any_file_in_any_place(
    damage: dict[str, bytes | None],
    other: dict[str, bytes | None],
    sound: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """`None` makes a folder of the name instead."""
    runs_dir = tmp_path_factory.mktemp("runs")
    good, bad = runs_dir / "good-1", runs_dir / "bad-1"
    shutil.copytree(sound, good)
    shutil.copytree(sound, bad)
    for where, content in [
        *((bad / part, c) for part, c in damage.items()),
        *((runs_dir / n, c) for n, c in other.items()),
    ]:
        where.parent.mkdir(exist_ok=True)
        where.unlink(missing_ok=True)
        if content is None:
            where.mkdir(exist_ok=True)
        else:
            where.write_bytes(content)
    look_at_everything(runs_dir)
    assert {summary.id: summary.groups for summary in list_runs(runs_dir)}["good-1"] == 24


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), flips=st.integers(1, 400), cut=st.booleans())
def test_a_database_with_flipped_bytes(
    seed: int, flips: int, cut: bool, sound: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    runs_dir = tmp_path_factory.mktemp("runs")
    shutil.copytree(sound, runs_dir / "bad-1")
    dice = random.Random(seed)
    path = runs_dir / "bad-1" / "run.db"
    data = bytearray(path.read_bytes())
    for _ in range(flips):
        data[dice.randrange(len(data))] = dice.randrange(256)
    path.write_bytes(data[: dice.randrange(len(data))] if cut else data)
    look_at_everything(runs_dir)
    (summary,) = list_runs(runs_dir)
    if summary.notice:
        assert "run.db" in summary.notice


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), pages=st.integers(1, 12))
def test_a_database_with_pages_of_something_else(
    seed: int, pages: int, sound: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The facts can often be read still, and what else a list asks for cannot."""
    runs_dir = tmp_path_factory.mktemp("runs")
    shutil.copytree(sound, runs_dir / "good-1")
    shutil.copytree(sound, runs_dir / "bad-1")
    dice = random.Random(seed)
    path = runs_dir / "bad-1" / "run.db"
    data = bytearray(path.read_bytes())
    for _ in range(pages):
        start = dice.randrange(1, len(data) // PAGE_BYTES) * PAGE_BYTES
        data[start : start + PAGE_BYTES] = dice.randbytes(PAGE_BYTES)
    path.write_bytes(data)
    look_at_everything(runs_dir)
    rows = {row["id"]: row for row in Overview(runs_dir).rows()}
    assert rows["good-1"]["best"] is not None
    assert rows["bad-1"]["best"] is not None or "run.db" in rows["bad-1"]["notice"]


def test_a_damaged_run_says_so_and_opens_to_an_error(sound: Path, tmp_path: Path) -> None:
    shutil.copytree(sound, tmp_path / "bad-1")
    (tmp_path / "bad-1" / "run.db").write_bytes(b"nothing of the kind, but long enough to be looked at")
    (summary,) = list_runs(tmp_path)
    assert "damaged" in (summary.notice or "")
    with pytest.raises(GrpoDashError, match="damaged"):
        RunFollower(RunFolder(tmp_path / "bad-1"))


def test_links_to_nowhere_and_folders_that_may_not_be_read(sound: Path, tmp_path: Path) -> None:
    shutil.copytree(sound, tmp_path / "good-1")
    (tmp_path / "loop-1").symlink_to(tmp_path / "loop-1")
    (tmp_path / "gone-1").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe-1")
    (tmp_path / "half-1").mkdir()
    os.mkfifo(tmp_path / "half-1" / "run.db")
    assert [folder.id for folder in list_run_folders(tmp_path)] == ["good-1"]


def test_a_runs_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file")
    assert list_runs(tmp_path / "runs") == []
