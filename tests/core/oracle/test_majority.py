"""The commonest answer: what is equal counts together, ties go to the first, no answer is none."""

from __future__ import annotations

import pytest

from grpo_core.oracle import judge
from grpo_core.oracle.majority import answer_kinds, majority_is_right, same_answer


@pytest.mark.parametrize(
    ("gold", "answers", "right"),
    [
        ("52", ["52", "52", "28"], True),
        ("52", ["28", "28", "52"], False),
        ("52", ["52", "28"], True),
        ("52", ["28", "52"], False),
        ("52", [None, None, "52"], True),
        ("52", [None, None], False),
        ("1/2", ["1/3", "0.5", "1/3", r"\frac12", "2/4"], True),
        ("5", ["1/2", "5", "0.5", "5", r"\frac{1}{2}"], False),
        ("x+1", ["x+2", "1+x", "2+x", "(x+1)"], False),
        ("x+1", ["1+x", "x+2", "(x+1)", "2+x"], True),
        (r"\{1,2\}", ["1,3", "2,1", "3,1", "1,2", "1, 2"], True),
    ],
)
def test_the_majority(gold: str, answers: list[str | None], right: bool) -> None:
    texts = ["" if answer is None else f"\\boxed{{{answer}}}" for answer in answers]
    assert majority_is_right([judge(text, gold) for text in texts]) is right


def test_equal_wrong_answers_are_one_kind() -> None:
    verdicts = [judge(f"\\boxed{{{answer}}}", "7") for answer in ("1/2", "7", "0.5", "x", "7.0", "}{", "1/2")]
    kinds = answer_kinds([*verdicts, None])
    assert kinds[:3] == [0, 1, 0]
    assert (kinds[4], kinds[6], kinds[7]) == (1, 0, None)
    assert kinds[3] == 3


def test_hostile_answers_are_compared_and_nothing_happens() -> None:
    assert not same_answer("9**9**9", "(" * 5000)
    assert same_answer("B", "b")
