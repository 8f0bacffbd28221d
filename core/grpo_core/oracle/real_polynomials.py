"""Polynomials in one variable with whole coefficients: their real roots, isolated by Sturm's theorem.

A root is exact where it is rational, else within 2^-200 of itself. Degree and size of the coefficients are bounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import gcd, lcm

from grpo_core.oracle.limits import MAX_ROOT_BITS, MAX_ROOT_DEGREE, OverBudget

Coefficients = tuple[Fraction, ...]
"""Of 1, x, x², …; the last one is not zero, and the zero polynomial has none."""
_Whole = tuple[int, ...]
_ROOT_BITS = 200
_LARGEST_DENOMINATOR = 10**30


def trimmed(values: Sequence[Fraction]) -> Coefficients:
    """Without leading zeros. Raises `OverBudget` for a degree or a coefficient that is too large."""
    end = len(values)
    while end and not values[end - 1]:
        end -= 1
    if end > MAX_ROOT_DEGREE + 1:
        raise OverBudget("BUDGET_TERMS")
    if any(max(v.numerator.bit_length(), v.denominator.bit_length()) > MAX_ROOT_BITS for v in values):
        raise OverBudget("BUDGET_BITS")
    return tuple(values[:end])


def plus(left: Coefficients, right: Coefficients) -> Coefficients:
    length = max(len(left), len(right))
    padded = [(*side, *[Fraction(0)] * (length - len(side))) for side in (left, right)]
    return trimmed([a + b for a, b in zip(*padded, strict=True)])


def times(left: Coefficients, right: Coefficients) -> Coefficients:
    product = [Fraction(0)] * max(0, len(left) + len(right) - 1)
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            product[i + j] += a * b
    return trimmed(product)


def sign_at(polynomial: Coefficients, point: Fraction) -> int:
    return _sign(_whole(polynomial), point)


def without_factors(polynomial: Coefficients, other: Coefficients) -> Coefficients:
    """The polynomial, divided by all that it shares with the other one."""
    rest = _whole(polynomial)
    while rest and len(shared := _common(rest, _whole(other))) > 1:
        rest = _quotient(rest, shared)
    return tuple(map(Fraction, rest))


def real_roots(polynomial: Coefficients) -> list[Fraction]:
    """The distinct real roots in ascending order."""
    whole = _whole(polynomial)
    if len(whole) < 2:
        return []
    simple = _quotient(whole, _common(whole, _derivative(whole)))
    chain = _sturm_chain(simple)
    bound = Fraction(2 + max(abs(c) for c in simple) // abs(simple[-1]))
    return [_refined(simple, low, high) for low, high in _isolated(chain, -bound, bound)]


def _isolated(chain: list[_Whole], low: Fraction, high: Fraction) -> list[tuple[Fraction, Fraction]]:
    """Intervals (low, high] with one root each, in order."""
    found: list[tuple[Fraction, Fraction]] = []
    pending = [(low, high, _changes(chain, low), _changes(chain, high))]
    while pending:
        low, high, below, above = pending.pop()
        if below - above == 1:
            found.append((low, high))
        elif below - above > 1:
            middle = (low + high) / 2
            inside = _changes(chain, middle)
            pending += [(middle, high, inside, above), (low, middle, below, inside)]
    return found


def _refined(polynomial: _Whole, low: Fraction, high: Fraction) -> Fraction:
    """The one root in (low, high], by bisection; the simplest fraction there if that is the root."""
    at_high = _sign(polynomial, high)
    while at_high and high - low > max(abs(low), abs(high)) / 2**_ROOT_BITS:
        middle = (low + high) / 2
        sign = _sign(polynomial, middle)
        if sign == 0:
            return middle
        low, high = (low, middle) if sign == at_high else (middle, high)
    simple = high.limit_denominator(_LARGEST_DENOMINATOR)
    return simple if _sign(polynomial, simple) == 0 else high


def _whole(polynomial: Sequence[Fraction | int]) -> _Whole:
    """A positive multiple with whole coefficients that share no factor."""
    scale = lcm(*(Fraction(value).denominator for value in polynomial))
    values = [int(value * scale) for value in polynomial]
    return _primitive(values)


def _primitive(values: Sequence[int]) -> _Whole:
    end = len(values)
    while end and not values[end - 1]:
        end -= 1
    divisor = gcd(*values[:end]) or 1
    return tuple(value // divisor for value in values[:end])


def _sign(polynomial: _Whole, point: Fraction) -> int:
    """The sign at a/b, from the whole number b^n · p(a/b)."""
    total, power = 0, 1
    for value in reversed(polynomial):
        total = total * point.numerator + value * power
        power *= point.denominator
    return (total > 0) - (total < 0)


def _changes(chain: list[_Whole], point: Fraction) -> int:
    """Changes of sign along the chain; how many more at a than at b is the number of roots in (a, b]."""
    signs = [sign for polynomial in chain if (sign := _sign(polynomial, point))]
    return sum(a != b for a, b in pairwise(signs))


def _sturm_chain(polynomial: _Whole) -> list[_Whole]:
    chain = [polynomial, _derivative(polynomial)]
    while len(chain[-1]) > 1:
        chain.append(tuple(-value for value in _remainder(chain[-2], chain[-1])))
    return [member for member in chain if member]


def _derivative(polynomial: _Whole) -> _Whole:
    return _primitive([power * value for power, value in enumerate(polynomial)][1:])


def _remainder(dividend: _Whole, divisor: _Whole) -> _Whole:
    """A positive multiple of the remainder."""
    rest = list(dividend)
    leading = divisor[-1]
    while len(rest) >= len(divisor):
        factor, shift = rest[-1], len(rest) - len(divisor)
        rest = [value * abs(leading) for value in rest]
        for index, value in enumerate(divisor):
            rest[shift + index] -= value * factor * (1 if leading > 0 else -1)
        rest = list(_primitive(rest[:-1]))
    return tuple(rest)


def _common(left: _Whole, right: _Whole) -> _Whole:
    while right:
        left, right = right, _remainder(left, right)
    return left


def _quotient(dividend: _Whole, divisor: _Whole) -> _Whole:
    """A multiple of the exact quotient, of the same sign."""
    if len(divisor) < 2:
        return dividend
    rest, quotient = [Fraction(value) for value in dividend], [Fraction(0)] * (len(dividend) - len(divisor) + 1)
    for shift in range(len(quotient) - 1, -1, -1):
        quotient[shift] = rest[shift + len(divisor) - 1] / divisor[-1]
        for index, value in enumerate(divisor):
            rest[shift + index] -= quotient[shift] * value
    return _whole(quotient)
