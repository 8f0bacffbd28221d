"""Two texts side by side: every line once, equal ones together, in bounded work."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grpo_core.types import Json
from grpo_core.views.align import align
from grpo_core.views.compare import aligned_rows, best_and_worst, compared
from tests.samples import sample_group

texts = st.lists(st.sampled_from(["a", "b", "c=1", "x y z", "x y w", ""]), max_size=12).map("\n".join)


def side(rows: list[Json], name: str) -> str:
    return "\n".join("".join(text for text, _ in row[name]["parts"]) for row in rows if row[name] is not None)


@given(texts, texts)
def test_both_texts_are_there_whole_and_in_order(left: str, right: str) -> None:
    rows = aligned_rows(left, right)
    assert (side(rows, "left"), side(rows, "right")) == (left, right)
    for row in rows:
        differs = [any(part[1] for part in row[name]["parts"]) for name in ("left", "right") if row[name]]
        assert any(differs) == (row["kind"] != "same")


@given(st.lists(st.integers(0, 5), max_size=20), st.lists(st.integers(0, 5), max_size=20))
def test_pairs_are_equal_and_increase(left: list[int], right: list[int]) -> None:
    pairs = align(left, right)
    assert all(left[one] == right[other] for one, other in pairs)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(pairs))


@pytest.mark.parametrize(
    ("left", "right", "kinds"),
    [
        ("a\nb\nc", "a\nb\nc", ["same", "same", "same"]),
        ("a\n2*3=6\nc", "a\n2*3=5\nc", ["same", "changed", "same"]),
        ("a\nc", "a\nb\nc", ["same", "right", "same"]),
        ("a\nb\nc", "a\nc", ["same", "left", "same"]),
    ],
)
def test_rows(left: str, right: str, kinds: list[str]) -> None:
    assert [row["kind"] for row in aligned_rows(left, right)] == kinds


def test_only_the_words_that_differ_are_marked() -> None:
    (row,) = aligned_rows("19*3=57 apples", "19*3=56 apples")
    assert row["left"]["parts"] == [["19*3=", False], ["57", True], [" apples", False]]
    assert row["right"]["parts"] == [["19*3=", False], ["56", True], [" apples", False]]


def test_long_texts_without_anything_in_common_take_little_work() -> None:
    rows = aligned_rows(
        "\n".join("ab" * (n % 7) for n in range(4_000)), "\n".join("cd" * (n % 5) for n in range(4_000))
    )
    assert len(rows) >= 4_000


def test_the_best_is_compared_with_the_worst() -> None:
    group = sample_group(1, 1, [False, True, False, True])
    assert best_and_worst(group) == (1, 0)
    assert best_and_worst(sample_group(1, 1, [True])) is None
    assert best_and_worst(sample_group(1, 1, [True, True])) == (0, 1)


def test_the_answers_line_is_known_on_both_sides() -> None:
    group = sample_group(1, 1, [False, True, False, True])
    shown = compared((group, 3), (group, 0))
    answers = {
        name: [row[name]["line"] for row in shown["rows"] if row[name] and row[name]["answer"]]
        for name in ("left", "right")
    }
    assert answers == {"left": [4], "right": [4]}
    assert (shown["left"]["completion"]["index"], shown["right"]["completion"]["index"]) == (3, 0)
