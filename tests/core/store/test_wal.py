"""A reader that is stuck stops nobody, and the log is begun anew once it has gone."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from grpo_core.store import RunReader, RunWriter, wal
from tests.samples import sample_group


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(wal, "PASSIVE_PAGES", 50)
    monkeypatch.setattr(wal, "LONG_PAGES", 200)
    return tmp_path / "run.db"


def log_pages(database: Path) -> int:
    return database.with_name("run.db-wal").stat().st_size // 8192


def test_a_reader_that_is_stuck_stops_nobody(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wal, "_PATIENCE_MS", 1)
    writer, stuck = RunWriter(database), RunReader(database)
    with stuck.snapshot():
        before = stuck.counters()["groups"]
        started = time.monotonic()
        for number in range(1, 101):
            writer.add_groups([sample_group(number, number, [True, False])])
        assert time.monotonic() - started < 60
        assert stuck.counters()["groups"] == before == 0
    assert stuck.counters()["groups"] == 100
    reached = log_pages(database)
    for number in range(101, 131):
        writer.add_groups([sample_group(number, number, [True, False])])
    assert log_pages(database) < reached + 100, "the log is begun anew once the reader has gone"
    writer.close()
    stuck.close()
