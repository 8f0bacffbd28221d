"""Partial credit with the answer: the rows add up exactly, and what known operands and spraying change."""

from __future__ import annotations

import os
from fractions import Fraction
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grpo_core.oracle import JudgePool, JudgeTask, judge
from grpo_core.oracle.steps import credit_steps, known_numbers
from grpo_core.problems.rows import parse_row
from tests.core.oracle.cases import ROOT, shared

STEPS = ("12+7=19", "19*3=57", "57-5=52")


def test_a_right_answer_tops_the_credit_up_by_a_row_of_its_own() -> None:
    verdict = judge("12+7=19\nso \\boxed{52}", "52", STEPS)
    first, answer = verdict.steps
    assert (first.status, first.matched, first.credit) == ("matched", 0, 1 / 3)
    assert (answer.status, answer.matched, answer.text, answer.index) == ("matched", None, "52", 1)
    assert answer.span == verdict.span
    assert verdict.partial == 1.0


def test_no_row_without_a_reference_or_for_a_wrong_answer() -> None:
    assert judge("\\boxed{52}", "52").steps == ()
    wrong = judge("12+7=19\n\\boxed{53}", "52", STEPS)
    assert len(wrong.steps) == 1
    assert wrong.partial == 1 / 3


@given(st.lists(st.sampled_from([*STEPS, "1+1=2", "2*3=7", "12 + 7 = 19"]), max_size=12), st.integers(0, 3))
def test_the_rows_of_a_right_answer_add_up_to_exactly_one(lines: list[str], cut: int) -> None:
    verdict = judge("\n".join([*lines, "\\boxed{52}"]), "52", STEPS[: cut + 1])
    assert verdict.partial == 1.0
    assert all(0 <= step.credit <= 1 for step in verdict.steps)


def test_a_pool_gives_the_same_rows() -> None:
    task = JudgeTask("12+7=19\n\\boxed{52}", "52", STEPS)
    with JudgePool() as pool:
        assert pool.judge_many([task])[0].steps == judge(task.completion, task.gold, task.steps).steps


def test_operands_from_nowhere_earn_nothing() -> None:
    guessed = "19*3=57\n57-5=52"
    assert sum(step.credit for step in credit_steps(guessed, STEPS)) == pytest.approx(2 / 3)
    assert sum(step.credit for step in credit_steps(guessed, STEPS, known=("12", "7", "3", "5"))) == 0
    assert known_numbers("She sold 1,200 clips for $2.50 in 1,200 days.") == ("1200", "2.50")


@pytest.mark.parametrize(
    ("completion", "reference"),
    [
        ("6*350=2100\n2100+1350=3450", ("1350+(6*350)=3450",)),
        ("1/3*66=22", ("66/3=22",)),
        ("He has 4 pets (4+2=6 pets).", ("4+2=6",)),
        ("<<4.20+9.45+1.35=14.999999999999998>>", ("4.2+9.45+1.35=15",)),
    ],
)
def test_another_way_to_write_a_step_is_that_step(completion: str, reference: tuple[str, ...]) -> None:
    assert sum(step.credit for step in credit_steps(completion, reference)) == 1.0


def test_another_route_is_not() -> None:
    assert sum(step.credit for step in credit_steps("10+9=19", ("12+7=19",))) == 0
    assert sum(step.credit for step in credit_steps("12*7=19", ("12+7=19",))) == 0


def gsm8k() -> list[tuple[str, tuple[str, ...]]]:
    shared("gsm8k/test.jsonl")  # skips where it is missing
    folder = Path(os.environ.get("GRPO_DASH_DATA") or ROOT.parent / "shared" / "data")
    lines = (folder / "gsm8k/test.jsonl").read_bytes().splitlines()
    return [(problem.prompt, problem.steps) for problem in (parse_row(line, "gsm8k") for line in lines)]


def test_honest_work_earns_and_spraying_does_not() -> None:
    problems = gsm8k()
    honest = []
    for row in shared("verdicts/gsm8k_openai_completions.jsonl"):
        steps = problems[int(row["id"].rpartition("-")[2]) // 4][1]
        if row["expected"] and steps:
            honest.append(sum(step.credit for step in credit_steps(row["completion"], steps)))
    sprayed = [sum(s.credit for s in credit_steps(spray(prompt), steps)) for prompt, steps in problems[:600] if steps]
    assert sum(honest) / len(honest) >= 0.86
    assert sum(sprayed) / len(sprayed) <= 0.06


def spray(prompt: str) -> str:
    """Every sum, difference, product and quotient of two numbers of the problem."""
    numbers = [int(number) for number in known_numbers(prompt) if number.isdigit()]
    lines = []
    for a, b in permutations(numbers, 2):
        lines += [f"{a}+{b}={a + b}", f"{a}-{b}={a - b}", f"{a}*{b}={a * b}"]
        lines += [f"{a}/{b}={Fraction(a, b)}"] if b else []
    return "\n".join(lines)
