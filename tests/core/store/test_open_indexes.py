"""Search indexes that stay open: one is used again, by one question at a time, and closed once nobody asks."""

from __future__ import annotations

import shutil
from pathlib import Path

import apsw
import pytest

from grpo_core.errors import StoreError
from grpo_core.store import OpenIndexes, RunWriter, SearchIndex
from tests.samples import sample_group


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    return make_run(tmp_path / "run")


def make_run(path: Path, groups: int = 1) -> Path:
    path.mkdir()
    writer = RunWriter(path / "run.db")
    writer.add_groups([sample_group(number, number, [True]) for number in range(1, groups + 1)])
    writer.close()
    return path


def is_open(index: SearchIndex) -> bool:
    try:
        index.progress()
    except apsw.ConnectionClosedError:
        return False
    return True


def test_it_is_used_again_by_one_at_a_time(run_dir: Path) -> None:
    indexes = OpenIndexes()
    with indexes.borrow(run_dir) as first, indexes.borrow(run_dir) as second:
        assert first is not second
    assert [is_open(first), is_open(second)] == [False, True], "one is kept"
    with indexes.borrow(run_dir) as third:
        assert third is second


def test_it_is_closed_once_nobody_asks(run_dir: Path) -> None:
    indexes = OpenIndexes(rest_seconds=0.01)
    with indexes.borrow(run_dir) as index:
        pass
    for _, _, timer in [*indexes._idle.values()]:
        timer.join()
    assert not is_open(index)
    with indexes.borrow(run_dir) as another:
        assert is_open(another)


def test_another_run_of_the_same_name_is_another(run_dir: Path) -> None:
    indexes = OpenIndexes()
    with indexes.borrow(run_dir) as index:
        pass
    shutil.rmtree(run_dir)
    with pytest.raises(StoreError, match="no database"), indexes.borrow(run_dir):
        pass
    assert not is_open(index)
    make_run(run_dir, groups=3)
    with indexes.borrow(run_dir) as index:
        assert index.progress() == (0, 3)
        shutil.rmtree(run_dir)
    assert not is_open(index), "what is gone is not kept"


def test_one_that_failed_is_not_kept(run_dir: Path) -> None:
    indexes = OpenIndexes()
    with pytest.raises(ZeroDivisionError), indexes.borrow(run_dir) as index:
        raise ZeroDivisionError
    assert not is_open(index)
