"""What became of problems: their course by visit, and where it turned."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grpo_core.runs import RunFolder
from grpo_core.views.problems import (
    COURSES,
    Course,
    course_counts,
    course_of,
    named_problem,
    problem_page,
    telling_split,
    turn_of,
)
from tests.samples import CHAIN, EXPANSION, sample_group, write_sample_run


@pytest.mark.parametrize(
    ("rates", "course"),
    [
        ([1.0], "once"),
        ([0.0], "once"),
        ([1.0, 1.0], "always"),
        ([0.0, 0.0, 0.0], "never"),
        ([0.0, 0.1, 0.9, 1.0], "learnt"),
        ([0.0, 0.0, 0.0, 1.0], "learnt"),
        ([1.0, 0.9, 0.2, 0.0], "forgotten"),
        ([0.4, 0.6, 0.4, 0.6], "wavers"),
        ([0.0, 0.2, 0.4, 0.4], "seldom"),
        ([0.9, 1.0, 0.9, 1.0], "mostly"),
        ([0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0], "wavers"),
        ([0.1, 0.0, 0.2, 0.0, 0.6], "seldom"),
        ([0.1, 0.0, 0.2, 0.6, 0.6], "learnt"),
    ],
)
def test_the_course_of_a_problem(rates: list[float], course: Course) -> None:
    assert course_of(rates) == course


def test_a_turn_parts_the_visits_where_they_differ_most() -> None:
    turn = turn_of([0.0, 0.2, 0.0, 0.8, 1.0])
    assert turn is not None
    assert (turn.place, turn.after) == (3, 0.9)
    assert turn_of([0.5]) is None


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_every_history_has_a_course(rates: list[float]) -> None:
    assert course_of(rates) in COURSES


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """CHAIN wavers between half and three quarters; EXPANSION is never solved until step 7, then always."""
    return write_sample_run(tmp_path, steps=12)


def test_a_page_tells_where_a_problem_turned(folder: RunFolder) -> None:
    reader = folder.reader()
    (row,) = problem_page(reader, "change", course="learnt")["problems"]
    assert row["problem"]["id"] == EXPANSION.id
    assert (row["turned"]["step"], row["turned"]["group"]) == (7, 14)
    assert (row["first_rate"], row["last_rate"], row["visits"]) == (0.0, 1.0, 12)
    assert course_counts(reader, "train") == {"of": 2, **dict.fromkeys(COURSES, 0), "learnt": 1, "wavers": 1}
    reader.close()


def test_pages_follow_each_other_without_a_gap(folder: RunFolder) -> None:
    reader = folder.reader()
    first = problem_page(reader, limit=1)
    second = problem_page(reader, limit=1, cursor=tuple(first["next"]))
    assert {page["problems"][0]["problem"]["id"] for page in (first, second)} == {CHAIN.id, EXPANSION.id}
    reader.close()


def test_a_problem_is_found_by_its_id_wherever_it_was_sampled(folder: RunFolder) -> None:
    reader = folder.reader()
    for split in (None, "train"):
        row = named_problem(reader, EXPANSION.id, split)  # type: ignore[arg-type]
        assert row == problem_page(reader, course="learnt")["problems"][0]
    assert named_problem(reader, EXPANSION.id, "eval") is None
    assert named_problem(reader, "never-sampled", None) is None
    reader.close()


def test_held_out_problems_tell_more_where_each_training_problem_came_once(tmp_path: Path) -> None:
    folder = write_sample_run(tmp_path, steps=1)
    writer = folder.writer()
    for step in (1, 2):
        writer.add_groups([sample_group(writer.next_group_id(), step, [True, False], split="eval")])
    writer.close()
    reader = folder.reader()
    assert telling_split(reader) == "eval"
    reader.close()
