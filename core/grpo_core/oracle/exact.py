"""Exact rational value of a tree, with Python's own integers and a budget on their size. No SymPy."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from math import comb, factorial, gcd, isqrt, lcm, prod

from grpo_core.oracle.limits import CACHED_PARSES, MAX_BITS, MAX_FACTORIAL, OverBudget
from grpo_core.oracle.nodes import Node, Num, Op

_DIGITS_OF_A_FLOAT = 15
_ERROR_OF_FLOATS = Fraction(1, 10**14)


class Undefined(Exception):
    """The expression has no value: a division by zero."""


@lru_cache(maxsize=CACHED_PARSES)
def rational(node: Node) -> Fraction | None:
    """The value if the tree is made of rational arithmetic, else None. Raises `Undefined` or `OverBudget`."""
    return _rational(node)


def _rational(node: Node) -> Fraction | None:
    if isinstance(node, Num):
        return node.value
    if not isinstance(node, Op) or node.head not in _RULES:
        return None
    values: list[Fraction] = []
    for arg in node.args:
        value = _rational(arg)
        if value is None:
            return None
        values.append(value)
    return _bounded(_RULES[node.head](values))


def _bounded(value: Fraction | None) -> Fraction | None:
    if value is not None and max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
        raise OverBudget("BUDGET_BITS")
    return value


def _product(values: list[Fraction]) -> Fraction:
    if sum(max(v.numerator.bit_length(), v.denominator.bit_length()) for v in values) > 2 * MAX_BITS:
        raise OverBudget("BUDGET_BITS")
    return prod(values, start=Fraction(1))


def _inverse(values: list[Fraction]) -> Fraction:
    if not values[0]:
        raise Undefined
    return 1 / values[0]


def _power(values: list[Fraction]) -> Fraction | None:
    base, exponent = values
    if exponent.denominator != 1:
        return exact_root(base**exponent.numerator, exponent.denominator) if _affordable(base, exponent) else None
    if not base and exponent <= 0:
        raise Undefined
    if not _affordable(base, exponent):
        raise OverBudget("BUDGET_EXPONENT")
    return base**exponent.numerator


def _affordable(base: Fraction, exponent: Fraction) -> bool:
    if base in {0, 1, -1}:
        return base != 0 or exponent > 0
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    return abs(exponent.numerator) * bits <= MAX_BITS


def exact_root(value: Fraction, degree: int) -> Fraction | None:
    """The real root if it is rational; only square and cube roots are looked for."""
    if value < 0 or degree not in {2, 3}:
        return None
    numerator, denominator = (_integer_root(part, degree) for part in (value.numerator, value.denominator))
    if numerator is None or denominator is None:
        return None
    return Fraction(numerator, denominator)


def _integer_root(value: int, degree: int) -> int | None:
    root = isqrt(value) if degree == 2 else _cube_root(value)
    return root if root**degree == value else None


def _cube_root(value: int) -> int:
    low, high = 0, 1 << (value.bit_length() // 3 + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**3 <= value else (low, middle - 1)
    return low


def _factorial(values: list[Fraction]) -> Fraction:
    if values[0].denominator != 1 or values[0] < 0:
        raise Undefined
    if values[0] > MAX_FACTORIAL:
        raise OverBudget("BUDGET_FACTORIAL")
    return Fraction(factorial(values[0].numerator))


def _double_factorial(values: list[Fraction]) -> Fraction:
    if values[0].denominator != 1 or values[0] < 0:
        raise Undefined
    if values[0] > MAX_FACTORIAL:
        raise OverBudget("BUDGET_FACTORIAL")
    return Fraction(prod(range(values[0].numerator, 0, -2)))


def _binomial(values: list[Fraction]) -> Fraction | None:
    if any(v.denominator != 1 or v < 0 for v in values):
        return None
    if values[0] > MAX_FACTORIAL:
        raise OverBudget("BUDGET_FACTORIAL")
    return Fraction(comb(values[0].numerator, values[1].numerator))


def _whole(function: Callable[..., int]) -> Callable[[list[Fraction]], Fraction | None]:
    def apply(values: list[Fraction]) -> Fraction | None:
        if any(v.denominator != 1 for v in values):
            return None
        return Fraction(function(*(v.numerator for v in values)))

    return apply


def _zero_to_one(values: list[Fraction]) -> Fraction | None:
    return Fraction(1) if not values[0] else None


def _one_to_zero(values: list[Fraction]) -> Fraction | None:
    return Fraction(0) if values[0] == 1 else None


_RULES: dict[str, Callable[[list[Fraction]], Fraction | None]] = {
    "add": lambda values: sum(values, start=Fraction(0)),
    "neg": lambda values: -values[0],
    "mul": _product,
    "inv": _inverse,
    "pow": _power,
    "sqrt": lambda values: exact_root(values[0], 2),
    "root": lambda values: exact_root(values[0], values[1].numerator) if values[1] in {2, 3} else None,
    "factorial": _factorial,
    "binomial": _binomial,
    "abs": lambda values: abs(values[0]),
    "floor": lambda values: Fraction(values[0].__floor__()),
    "ceiling": lambda values: Fraction(values[0].__ceil__()),
    "ceil": lambda values: Fraction(values[0].__ceil__()),
    "min": lambda values: min(values),
    "max": lambda values: max(values),
    "gcd": _whole(gcd),
    "lcm": _whole(lcm),
    "exp": _zero_to_one,
    "ln": _one_to_zero,
    "log": _one_to_zero,
    "factorial2": _double_factorial,
    "mod": lambda values: values[0] % values[1] if values[1] > 0 else None,
    "base": lambda values: values[0],
}


def rounds_to(decimal: Num, value: Fraction, least_digits: int) -> bool:
    """Is a long decimal the rounding (or the cut) of `value` at its own last digit? `0.0833333333` is 1/12, and
    `0.0833333334` is not. A decimal as long as a float's may be off by what floats are."""
    if decimal.digits < least_digits or not decimal.value or value * decimal.value <= 0:
        return False
    error, unit = abs(value) - abs(decimal.value), _last_place(decimal)
    if decimal.digits >= _DIGITS_OF_A_FLOAT and abs(error) <= abs(value) * _ERROR_OF_FLOATS:
        return True
    return -unit / 2 <= error < unit and abs(error) < abs(value) / 10 ** (least_digits - 1)


def _last_place(decimal: Num) -> Fraction:
    places, scaled = 0, decimal.value
    while scaled.denominator != 1 and places < 400:
        scaled, places = scaled * 10, places + 1
    return Fraction(1, 10**places)
