"""The playground's history: kept as it was asked and answered, newest first, page by page."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from grpo_core.errors import StoreError
from grpo_core.store import PlaygroundDb, Question, Seat, Subject
from grpo_core.store.questions import question_errors
from grpo_core.types import Completion
from tests.samples import HOSTILE, sample_group

SUBJECT = Subject("demo-1 · step 50", "/runs/demo-1/checkpoints/checkpoint-50", "demo-1", "demo", 50)
ASKED = Question(SUBJECT, "(12+7)*3-5", gold="52", steps=("12+7=19",), k=4, seed=9)
COMPLETIONS = [
    Completion(c.index, c.text, c.token_count, c.finish_reason, c.verdict, c.rewards, c.reward)
    for c in sample_group(1, 1, [True, False, True, True]).completions
]


def test_a_question_comes_back_as_it_was(tmp_path: Path) -> None:
    hostile = replace(ASKED, prompt=HOSTILE + "\ud800", system_prompt="\x00")
    with PlaygroundDb(tmp_path) as history:
        number = history.begin(hostile)
        history.finish(number, COMPLETIONS, 1.5)
    with PlaygroundDb(tmp_path) as history:
        found = history.get(number)
    assert found is not None
    assert (found.question, list(found.completions), found.seconds, found.error) == (hostile, COMPLETIONS, 1.5, None)


def test_a_question_that_was_never_answered_stays(tmp_path: Path) -> None:
    with PlaygroundDb(tmp_path) as history:
        history.begin(ASKED)
        failed = history.begin(ASKED)
        history.finish(failed, [], 0.1, "no room \ud800")
        newest, oldest = history.page()
    assert (oldest.seconds, oldest.completions) == (None, ())
    assert newest.error == "no room ?"


def test_a_cancelled_question_is_told_from_a_whole_one(tmp_path: Path) -> None:
    asked = replace(ASKED, k=len(COMPLETIONS))
    cut = [*COMPLETIONS[1:], Completion(0, "9*", 2, None)]
    with PlaygroundDb(tmp_path) as history:
        for completions in (COMPLETIONS, cut, COMPLETIONS[1:], []):
            history.finish(history.begin(asked), completions, 1.0)
        history.finish(history.begin(asked), [], 1.0, "no room")
        history.begin(asked)
        found = [each.is_cut_short for each in reversed(history.page())]
    assert found == [False, True, True, True, False, False]


def test_pages_are_newest_first_and_meet(tmp_path: Path) -> None:
    with PlaygroundDb(tmp_path) as history:
        asked = [history.begin(replace(ASKED, seed=seed)) for seed in range(7)]
        seen, before = [], None
        while page := history.page(before, limit=3):
            seen += [each.id for each in page]
            before = page[-1].id
    assert seen == asked[::-1]


def test_a_comparison_is_one_entry_also_where_a_page_ends(tmp_path: Path) -> None:
    with PlaygroundDb(tmp_path) as history:
        plain = history.begin(ASKED)
        first = history.begin(replace(ASKED, seed=1), Seat("together", 0))
        between = history.begin(ASKED)
        second = history.begin(replace(ASKED, seed=2), Seat("together", 1))
        history.finish(second, COMPLETIONS, 1.0)
        (newest,), (compared,), (oldest,) = (history.page(before, limit=1) for before in (None, between, first))
        rows = [json.loads(line)["question"] for line in history.export_lines()]
    assert (newest.id, compared.id, oldest.id) == (between, first, plain)
    assert [(each.id, each.question.seed, len(each.completions)) for each in compared.beside] == [(second, 2, 4)]
    assert (newest.beside, oldest.beside) == ((), ())
    assert rows == [second] * 4


def test_the_export_has_a_completion_a_line(tmp_path: Path) -> None:
    with PlaygroundDb(tmp_path) as history:
        for seed in (1, 2):
            history.finish(history.begin(replace(ASKED, seed=seed)), COMPLETIONS, 1.0)
        rows = [json.loads(line) for line in history.export_lines()]
    assert [(row["settings"]["seed"], row["index"]) for row in rows] == [(s, i) for s in (2, 1) for i in range(4)]
    assert rows[0]["subject"] == SUBJECT.to_json()
    assert [row["verdict"]["outcome"] for row in rows[:2]] == ["correct", "wrong"]
    assert rows[1]["text"] == COMPLETIONS[1].text


def test_a_damaged_history_is_named(tmp_path: Path) -> None:
    (tmp_path / "playground.db").write_bytes(b"not a database" * 100)
    with pytest.raises(StoreError, match=r"playground\.db"):
        PlaygroundDb(tmp_path)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"prompt": " \n"}, "prompt"),
        ({"k": 0}, "k"),
        ({"k": 65}, "k"),
        ({"temperature": -1.0}, "temperature"),
        ({"temperature": float("nan")}, "temperature"),
        ({"top_p": 0.0}, "top_p"),
        ({"max_completion_length": 0}, "max_completion_length"),
        ({"seed": -1}, "seed"),
    ],
)
def test_what_cannot_be_asked_is_said_by_field(change: dict, field: str) -> None:
    assert question_errors(ASKED) == {}
    assert list(question_errors(replace(ASKED, **change))) == [field]


def test_a_new_history_may_be_opened_by_many_at_once(tmp_path: Path) -> None:
    def ask(_: int) -> int:
        with PlaygroundDb(tmp_path / "new") as history:
            return history.begin(ASKED)

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(ask, range(16))) == list(range(1, 17))
