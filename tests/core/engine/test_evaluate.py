"""The figures of an evaluation, from verdicts counted by hand."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grpo_core.engine.evaluate import EvaluationPlan, interval, majority_solves, pass_at_k, summarise
from grpo_core.types import Completion, Group, Verdict
from tests.samples import CHAIN


def group_of(answers: list[str | None], decoding: str = "sampled") -> Group:
    """A group with these extracted answers; the gold is 52."""
    completions = [
        Completion(
            index,
            "",
            1,
            "stop",
            Verdict("no_answer" if answer is None else "correct" if answer == "52" else "wrong", answer),
        )
        for index, answer in enumerate(answers)
    ]
    return Group(1, 0, "eval", CHAIN, tuple(completions), decoding=decoding)  # type: ignore[arg-type]


@given(n=st.integers(1, 8), data=st.data())
def test_pass_at_k_is_the_share_of_subsets_with_a_right_one(n: int, data: st.DataObject) -> None:
    correct, k = data.draw(st.integers(0, n)), data.draw(st.integers(1, n))
    subsets = list(combinations(range(n), k))
    expected = sum(any(member < correct for member in subset) for subset in subsets) / len(subsets)
    assert pass_at_k(n, correct, k) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("answers", "solves"),
    [
        (["52", "52", "28"], True),
        (["28", "28", "52"], False),
        (["52", "28"], True),
        (["28", "52"], False),
        ([None, None, "52"], True),
        ([None, None], False),
    ],
)
def test_majority(answers: list[str | None], solves: bool) -> None:
    assert majority_solves(group_of(answers)) is solves


def test_the_figures_by_hand() -> None:
    groups = [
        group_of(["52"], "greedy"),
        group_of(["28"], "greedy"),
        group_of(["52", "52", "28", None]),
        group_of(["28", "28", "28", "28"]),
    ]
    plan = EvaluationPlan((CHAIN, CHAIN), k=4, temperature=1.0, max_completion_length=8)
    found = summarise(groups, 25, plan, 1.0)
    assert (found.step, found.n, found.k, found.greedy, found.pass_at_1) == (25, 2, 4, 0.5, 0.25)
    assert (found.pass_at_k, found.maj_at_k) == (0.5, 0.5)
    assert 0 <= found.ci95[0] < 0.25 < found.ci95[1] <= 1


def test_an_interval_of_independent_yes_and_no_is_wilsons() -> None:
    # 80 of 100: Wilson's score interval is 0.711 to 0.867; the sample variance makes it a hair wider.
    assert interval([1.0] * 80 + [0.0] * 20) == pytest.approx((0.711, 0.867), abs=0.002)


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=40))
def test_an_interval_holds_its_mean_and_is_never_empty(rates: list[float]) -> None:
    low, high = interval(rates)
    assert 0 <= low < high <= 1
    assert low - 1e-12 <= sum(rates) / len(rates) <= high + 1e-12
