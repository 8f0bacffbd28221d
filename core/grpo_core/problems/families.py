"""The four families of generated questions and every question in them.

The ranges are narrow on purpose: a model of 0.4 million parameters has to calculate in them exactly. Several
letters and many combinations make each sum and product occur in many questions, so that a held-out question
asks for the method, not for a product never seen. What solves a question is in `generated` (rightly) and in
`habits` (wrongly).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Literal, get_args

Family = Literal["chain", "linear", "derivative", "expansion"]
FAMILIES: tuple[Family, ...] = get_args(Family)
LETTERS = ("x", "y", "z", "t")


@dataclass(frozen=True, slots=True)
class Question:
    """A family, its numbers in the order of the family's pattern, and the letter of its unknown (if it has one)."""

    family: Family
    numbers: tuple[int, ...]
    letter: str = "x"

    @property
    def prompt(self) -> str:
        return _PROMPTS[self.family](self.letter, *self.numbers)


def questions(family: Family) -> Iterator[Question]:
    """Every question of a family once, in a fixed order."""
    letters = LETTERS[:1] if family == "chain" else LETTERS
    return (Question(family, numbers, letter) for numbers in _NUMBERS[family]() for letter in letters)


def signed(number: int) -> str:
    """A number as a term that follows another: `+3`, `-4`."""
    return f"{number:+d}"


def _chains() -> Iterator[tuple[int, ...]]:
    """(a+b)*c-d"""
    return product(range(2, 10), range(2, 10), range(2, 5), range(1, 10))


def _linear_equations() -> Iterator[tuple[int, ...]]:
    """a*x+b=c. Both (c-b)/a and (c+b)/a are whole: the form of a root does not betray which is right."""
    for a, b, root in product(range(2, 7), range(1, 13), range(1, 11)):
        if 2 * b % a == 0:
            yield a, b, a * root + b


def _derivatives() -> Iterator[tuple[int, ...]]:
    """a*x^2+b*x+c"""
    return product(range(2, 10), range(2, 10), range(1, 10))


def _expansions() -> Iterator[tuple[int, ...]]:
    """(x+a)*(x+b), the middle term not 0 (else forgetting it would be right), no product trivial."""
    for a, b in product(range(-9, 10), repeat=2):
        if abs(a) > 1 and abs(b) > 1 and a + b:
            yield a, b


_NUMBERS: dict[Family, Callable[[], Iterator[tuple[int, ...]]]] = {
    "chain": _chains,
    "linear": _linear_equations,
    "derivative": _derivatives,
    "expansion": _expansions,
}

_PROMPTS: dict[Family, Callable[..., str]] = {
    "chain": lambda _, a, b, c, d: f"Compute ({a}+{b})*{c}-{d}.",
    "linear": lambda x, a, b, c: f"Solve {a}*{x}+{b}={c}.",
    "derivative": lambda x, a, b, c: f"Differentiate {a}*{x}^2+{b}*{x}+{c}.",
    "expansion": lambda x, a, b: f"Expand ({x}{signed(a)})*({x}{signed(b)}).",
}
