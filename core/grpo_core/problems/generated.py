"""Generated problems: four families with gold answers and reference derivations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from random import Random

from grpo_core.problems.derivation import Derivation, product_line, quotient_line, sum_line
from grpo_core.problems.families import FAMILIES, Family, Question, questions, signed
from grpo_core.problems.split import is_heldout, problem_id
from grpo_core.types import Problem


class GeneratedProblems:
    """The problems of some families, in turn. Training ones never end; held-out ones do, being distinct."""

    overlap = ""

    def __init__(self, families: Sequence[Family] = FAMILIES) -> None:
        self.families = tuple(families)
        self.name = "generated" if self.families == FAMILIES else "generated:" + ",".join(self.families)

    def train_problems(self, count: int, seed: int) -> list[Problem]:
        return [problem_of(question) for question in train_questions(count, seed, self.families)]

    def heldout_problems(self, count: int, seed: int = 0) -> list[Problem]:
        return [problem_of(question) for question in islice(_heldout(self.families, seed), count)]


def train_questions(count: int, seed: int, families: Sequence[Family] = FAMILIES) -> list[Question]:
    """`count` training questions, the families in turn; one comes back only when its family is used up."""
    streams = [_endless(family, seed) for family in families]
    return [next(streams[index % len(streams)]) for index in range(count)]


def problem_of(question: Question) -> Problem:
    right = solution_of(question)
    return Problem(
        id=problem_id(question.family, question.prompt),
        prompt=question.prompt,
        gold=right.answer,
        steps=right.steps,
        source="generated",
        level=question.family,
    )


def solution_of(question: Question) -> Derivation:
    """The right derivation."""
    return _SOLUTIONS[question.family](question.letter, *question.numbers)


def _endless(family: Family, seed: int) -> Iterator[Question]:
    """The family's training questions, all of them in a new order each time round."""
    dice = Random(f"train/{family}/{seed}")
    pool = [question for question in questions(family) if not is_heldout(question.prompt)]
    while True:
        dice.shuffle(pool)
        yield from pool


def _heldout(families: Sequence[Family], seed: int) -> Iterator[Question]:
    """Every held-out question once: the families in turn until the smallest is used up, then the others."""
    streams = [_shuffled_heldout(family, seed) for family in families]
    while streams:
        for stream in list(streams):
            question = next(stream, None)
            if question is None:
                streams.remove(stream)
            else:
                yield question


def _shuffled_heldout(family: Family, seed: int) -> Iterator[Question]:
    pool = [question for question in questions(family) if is_heldout(question.prompt)]
    Random(f"heldout/{family}/{seed}").shuffle(pool)
    return iter(pool)


def _solve_chain(_: str, a: int, b: int, c: int, d: int) -> Derivation:
    total, scaled = a + b, (a + b) * c
    steps = (sum_line(a, b), product_line(total, c), sum_line(scaled, -d))
    return Derivation(steps, str(scaled - d))


def _solve_linear(_: str, a: int, b: int, c: int) -> Derivation:
    return Derivation((sum_line(c, -b), quotient_line(c - b, a)), str((c - b) // a))


def _differentiate(x: str, a: int, b: int, c: int) -> Derivation:
    return Derivation((product_line(2, a),), f"{2 * a}*{x}+{b}")


def _expand(x: str, a: int, b: int) -> Derivation:
    middle = {1: f"+{x}", -1: f"-{x}"}.get(a + b, f"{signed(a + b)}*{x}")
    return Derivation((sum_line(a, b), product_line(a, b)), f"{x}^2{middle}{signed(a * b)}")


_SOLUTIONS: dict[Family, Callable[..., Derivation]] = {
    "chain": _solve_chain,
    "linear": _solve_linear,
    "derivative": _differentiate,
    "expansion": _expand,
}
