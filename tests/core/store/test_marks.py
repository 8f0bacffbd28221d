"""Marks: one judgement a completion, kept beside the run, given out as cases that `verify` takes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grpo_core.errors import StoreError
from grpo_core.oracle.cases import read_cases
from grpo_core.store import MarksDb, export_marks
from tests.samples import HOSTILE, write_sample_run


def test_no_file_is_made_by_asking(tmp_path: Path) -> None:
    with MarksDb(tmp_path) as marks:
        assert (marks.page(), marks.of_groups(1, 9), marks.count(), marks.data_version()) == ([], [], 0, 0)
        assert not marks.clear(1, 0)
    assert list(tmp_path.iterdir()) == []


def test_a_mark_is_set_replaced_and_cleared(tmp_path: Path) -> None:
    with MarksDb(tmp_path) as marks, MarksDb(tmp_path) as other:
        marks.set(7, 1, "suspicious", HOSTILE + "\ud800", "ann")
        replaced = marks.set(7, 1, "verifier_wrong", "1/2 is 0.5", "bob")
        assert other.page() == [replaced] == other.of_groups(7, 7)
        assert (other.count("suspicious"), other.count("verifier_wrong"), other.of_groups(8, 9)) == (0, 1, [])
        before = other.data_version()
        assert marks.clear(7, 1)
        assert other.data_version() != before
        assert not marks.clear(7, 1)


def test_any_text_is_kept(tmp_path: Path) -> None:
    with MarksDb(tmp_path) as marks:
        marks.set(1, 0, "suspicious", HOSTILE + "\ud800\x00", "\udfff")
        (mark,) = marks.page()
    assert (mark.note, mark.who) == (HOSTILE + "\ud800\x00", "\udfff")


def test_pages_are_newest_first_and_meet(tmp_path: Path) -> None:
    with MarksDb(tmp_path) as marks:
        for group in range(1, 8):
            marks.set(group, 0, "suspicious" if group % 2 else "verifier_wrong")
        seen, before = [], None
        while page := marks.page("suspicious", before, limit=3):
            seen += [mark.group for mark in page]
            before = page[-1].number
    assert seen == [7, 5, 3, 1]


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    with MarksDb(tmp_path) as marks, pytest.raises(StoreError, match="verifier_wrong"):
        marks.set(1, 0, "boring")  # type: ignore[arg-type]


def test_many_screens_may_mark_at_once(tmp_path: Path) -> None:
    def mark(group: int) -> None:
        with MarksDb(tmp_path) as marks:
            marks.set(group, 0, "suspicious")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(mark, range(16)))
    with MarksDb(tmp_path) as marks:
        assert marks.count() == 16


def test_marks_come_out_as_cases(tmp_path: Path) -> None:
    folder = write_sample_run(tmp_path)
    reader = folder.reader()
    with MarksDb(folder.path) as marks:
        marks.set(1, 1, "verifier_wrong", "it is right", "ann")
        marks.set(1, 0, "suspicious")
        marks.set(999, 0, "verifier_wrong", "its group is not there")
        lines = list(export_marks(folder.id, reader, marks, "verifier_wrong"))
    file = tmp_path / "cases.jsonl"
    file.write_text("\n".join(lines))
    (case,) = read_cases(file)
    group = reader.group(1)
    reader.close()
    assert group is not None
    assert case.id == f"{folder.id}/group/1/k/1"
    assert (case.task.completion, case.task.gold, case.task.steps) == (
        group.completions[1].text,
        group.problem.gold,
        group.problem.steps,
    )
    assert '"note":"it is right"' in lines[0]
