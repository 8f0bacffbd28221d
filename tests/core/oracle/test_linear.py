"""Extraction is linear: twice the text costs about twice the time, for every rule and for what is made to trip it."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from grpo_core.oracle.choice import find_choice
from grpo_core.oracle.extract import find_answer, find_words
from grpo_core.oracle.step_lines import step_lines

LENGTH = 24_000
SLACK = 4
RULES: dict[str, Callable[[str], object]] = {
    "answer": find_answer,
    "words": find_words,
    "choice": lambda text: find_choice(text, None),
    "steps": step_lines,
}
PIECES = [
    *("\\boxed{", "\\boxed{2} ", "\\boxed", "#### ", "<answer>", "</answer>", "final answer ", "final answer is "),
    *(
        "answer is ",
        "answer: ",
        "A:",
        "answer (",
        "réponse est ",
        "答案是",
        "**",
        "**1**",
        "**x=**",
        "$",
        "$1$",
        "\\(1\\) ",
    ),
    *("(as $1$) ", "(since $x$ ", "\\[", "1+", "1 1/", "x=", "= ", "\n", "\n1", "a b ", "(", "(A) ", "A or ", "not A "),
    *("B is not ", "<<", "<<1=1>>", "and ", "2 or maybe ", "3 x 4 = ", "\x00", "\ud800", "٤ ", " ", "1) ", "Step 1: "),
]


@pytest.mark.parametrize("rule", RULES)
def test_three_doublings_of_the_text_cost_no_square(rule: str) -> None:
    slow = [piece for piece in PIECES if not is_linear(RULES[rule], piece)]
    assert slow == []


def is_linear(find: Callable[[str], object], piece: str) -> bool:
    """Eight times the text, less than 8 · SLACK times the time (a square: 64 times); what takes no time passes."""
    short, long = (cost(find, (piece * (length // len(piece))) + "x") for length in (LENGTH // 8, LENGTH))
    return long < 0.02 or long < 8 * SLACK * short


def cost(find: Callable[[str], object], text: str) -> float:
    """Seconds of the processor, the least of two."""
    seconds = []
    for _ in range(2):
        start = time.process_time()
        find(text)
        seconds.append(time.process_time() - start)
    return min(seconds)
