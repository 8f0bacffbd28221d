"""What is typed to find something: names and values, ranges, texts, and a sentence for what is none of them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grpo_app.tui.query import NAMES, QueryError, completed, parse_query
from grpo_core.store import GroupFilter
from grpo_core.views.finding import Search


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("outcome:wrong", GroupFilter(outcome="wrong")),
        ("outcome:no-answer split:eval", GroupFilter(outcome="no_answer", split="eval")),
        ("signal:all_w step:10-20", GroupFilter(signal="all_wrong", steps=(10, 20))),
        ("step:7", GroupFilter(steps=(7, 7))),
        ("length:100- reward:-0.5", GroupFilter(tokens=(100, None), rewards=(None, 0.5))),
        (
            'truncated:yes source:gsm8k level:"two words"',
            GroupFilter(truncated=True, source="gsm8k", level="two words"),
        ),
        ("decoding:greedy", GroupFilter(decoding="greedy")),
        ("", GroupFilter()),
    ],
)
def test_a_filter_is_read(line: str, wanted: GroupFilter) -> None:
    assert parse_query(line).search == Search(wanted=wanted)


def test_other_words_are_the_text_that_is_searched() -> None:
    found = parse_query('split:train 3:4 "final answer" \\boxed{42} sort:longest')
    assert found.search == Search('3:4 "final answer" \\boxed{42}', GroupFilter(split="train"), "longest")


def test_marks_stand_alone() -> None:
    assert parse_query("marked:any").marked == "any"
    assert parse_query("marked:verifier").marked == "verifier_wrong"
    with pytest.raises(QueryError, match="stands alone"):
        parse_query("marked:any outcome:wrong")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("outcom:wrong", "did you mean outcome"),
        ("outcome:wrog", "did you mean wrong"),
        ("outcome:un", "'un' is no outcome"),
        ("step:ten", "takes a range such as 10-20"),
        ("length:1.5-", "takes a range"),
        ("step:-", "takes a range"),
    ],
)
def test_what_cannot_be_read_is_said(line: str, sentence: str) -> None:
    with pytest.raises(QueryError, match=sentence):
        parse_query(line)


@pytest.mark.parametrize(
    ("line", "whole"),
    [("out", "outcome:"), ("step:3 sig", "step:3 signal:"), ("outcome:wr", "outcome:wrong"), ("zzz", None), ("", None)],
)
def test_the_last_word_is_completed(line: str, whole: str | None) -> None:
    assert completed(line) == whole


@given(st.text() | st.lists(st.sampled_from([*NAMES, ":", "-", "1", "9", '"', " ", "wrong", "\x1b"])).map("".join))
def test_any_line_is_read_or_refused_in_a_sentence(line: str) -> None:
    with suppress(QueryError):
        found = parse_query(line)
        assert found.is_open == (found.search == Search() and found.marked is None)
