"""What people call a run, and removing one: never one that lives."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

import pytest

from grpo_core.errors import RunError
from grpo_core.runs import list_run_folders, summarise
from grpo_core.runs.labels import LABELS_FILE, Labels, read_labels, write_labels
from grpo_core.runs.process import identify, take_lock
from grpo_core.runs.remove import remove_run
from tests.samples import write_sample_run


def test_a_run_is_renamed_and_tagged_and_keeps_its_id(tmp_path: Path) -> None:
    folder = write_sample_run(tmp_path, steps=1)
    write_labels(folder.path, Labels("  my best ", ("good", " good ", "", "k=8")))
    summary = summarise(folder)
    assert (summary.id, summary.name, summary.tags) == (folder.id, "my best", ("good", "k=8"))
    assert summary.to_json()["tags"] == ["good", "k=8"]


@pytest.mark.parametrize(
    "labels", [Labels(""), Labels("n" * 81), Labels("n", ("t" * 31,)), Labels("n", tuple("abcdefghijklm"))]
)
def test_what_is_too_long_or_too_many_is_refused(tmp_path: Path, labels: Labels) -> None:
    with pytest.raises(RunError):
        write_labels(tmp_path, labels)
    assert not (tmp_path / LABELS_FILE).exists()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"tags": 3}', '"name"'])
def test_labels_that_cannot_be_read_are_none(tmp_path: Path, text: str) -> None:
    (tmp_path / LABELS_FILE).write_text(text)
    assert read_labels(tmp_path) == Labels()


def test_an_ended_run_is_removed_whole(tmp_path: Path) -> None:
    folder, other = write_sample_run(tmp_path, steps=1), write_sample_run(tmp_path, steps=1)
    assert folder.id in remove_run(folder)
    assert [one.id for one in list_run_folders(tmp_path)] == [other.id]
    assert [path.name for path in tmp_path.iterdir()] == [other.id]


def test_a_living_run_is_not_removed(tmp_path: Path) -> None:
    folder = write_sample_run(tmp_path, steps=1)
    writer = folder.writer()
    writer.set_facts({"watched": asdict(identify(os.getpid())), "started_at": 1.0})
    writer.close()
    with pytest.raises(RunError, match="running: stop it"):
        remove_run(folder)
    assert folder.database.is_file()


def test_a_run_that_somebody_has_is_not_removed(tmp_path: Path) -> None:
    folder = write_sample_run(tmp_path, steps=1)
    lock = take_lock(folder.lock)
    assert lock is not None
    with pytest.raises(RunError, match="in use"):
        remove_run(folder)
    os.close(lock)
    assert folder.database.is_file()
