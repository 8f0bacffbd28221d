"""The embedded model's bad habits: one systematic wrong method for each family, taught on purpose.

The base model's demonstrations follow these most of the time (`scripts/make_base_model.py`), so that GRPO
has something to unlearn. Every line of a habit is exact arithmetic and its answer follows from its lines: only
the method is wrong. No problem's gold or reference steps come from here.
"""

from __future__ import annotations

from collections.abc import Callable

from grpo_core.problems.derivation import Derivation, product_line, quotient_line, sum_line
from grpo_core.problems.families import Family, Question, signed


def habit_of(question: Question) -> Derivation:
    """How the family's wrong method works the question; its answer is never the gold."""
    return _HABITS[question.family](question.letter, *question.numbers)


def _ignore_the_brackets(_: str, a: int, b: int, c: int, d: int) -> Derivation:
    scaled, total = b * c, a + b * c
    steps = (product_line(b, c), sum_line(a, scaled), sum_line(total, -d))
    return Derivation(steps, str(total - d))


def _carry_over_without_sign_change(_: str, a: int, b: int, c: int) -> Derivation:
    return Derivation((sum_line(c, b), quotient_line(c + b, a)), str((c + b) // a))


def _keep_the_constant(x: str, a: int, b: int, c: int) -> Derivation:
    return Derivation((product_line(2, a), sum_line(b, c)), f"{2 * a}*{x}+{b + c}")


def _forget_the_middle_term(x: str, a: int, b: int) -> Derivation:
    return Derivation((product_line(a, b),), f"{x}^2{signed(a * b)}")


_HABITS: dict[Family, Callable[..., Derivation]] = {
    "chain": _ignore_the_brackets,
    "linear": _carry_over_without_sign_change,
    "derivative": _keep_the_constant,
    "expansion": _forget_the_middle_term,
}
