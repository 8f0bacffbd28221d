"""Which real numbers satisfy an inequality in one variable, exactly: `x^2 < 4` is (-2, 2), `1/x ≥ 1` is (0, 1].

For quotients of polynomials with rational coefficients, and absolute values of such. What is more is not solved.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import inf

from grpo_core.oracle.exact import Undefined, rational
from grpo_core.oracle.intervals import Endpoint, Interval, Intervals, intersection, merged
from grpo_core.oracle.limits import MAX_ABSOLUTE_VALUES, MAX_ROOT_DEGREE, OverBudget
from grpo_core.oracle.nodes import Node, Op, Sym, integer, variables, walk
from grpo_core.oracle.real_polynomials import (
    Coefficients,
    plus,
    real_roots,
    sign_at,
    times,
    trimmed,
    without_factors,
)

Quotient = tuple[Coefficients, Coefficients]
"""Numerator and denominator."""
_ONE: Coefficients = (Fraction(1),)


class _NotSolvable(Exception):
    """No quotient of polynomials with rational coefficients."""


def solutions(low: Node, high: Node, closed: bool) -> Intervals | None:
    """Where low < high (`closed`: low ≤ high); None for what is not solved here."""
    difference = Op("add", (low, Op("neg", (high,))))
    absolute = sum(isinstance(part, Op) and part.head == "abs" for part in walk(difference))
    if len(variables(difference)) != 1 or absolute > MAX_ABSOLUTE_VALUES:
        return None
    try:
        return _negative(difference, closed)
    except (_NotSolvable, OverBudget, Undefined):
        return None


def zeros_and_poles(left: Node, right: Node) -> Intervals | None:
    """Where left ≠ right does not hold; None for what is not solved here."""
    difference = Op("add", (left, Op("neg", (right,))))
    if len(variables(difference)) != 1:
        return None
    try:
        numerator, denominator = _quotient(difference)
    except (_NotSolvable, OverBudget, Undefined):
        return None
    if not numerator:
        return None
    points = [*real_roots(without_factors(numerator, denominator)), *real_roots(denominator)]
    return merged(tuple((point, True, point, True) for point in points))


def _negative(difference: Node, closed: bool) -> Intervals:
    """Where the difference is below zero. Of an absolute value, both cases."""
    inner = next((n for n in walk(difference) if isinstance(n, Op) and n.head == "abs" and _is_innermost(n)), None)
    if inner is None:
        return _negative_quotient(*_quotient(difference), closed)
    (value,) = inner.args
    opposite = Op("neg", (value,))
    where_not_negative = _negative(opposite, True)
    where_negative = _negative(value, False)
    first = intersection(_negative(_replaced(difference, inner, value), closed), where_not_negative)
    second = intersection(_negative(_replaced(difference, inner, opposite), closed), where_negative)
    return merged((*first, *second))


def _is_innermost(absolute: Op) -> bool:
    return not any(isinstance(n, Op) and n.head == "abs" for n in walk(absolute.args[0]))


def _replaced(node: Node, old: Node, new: Node) -> Node:
    if node == old:
        return new
    return Op(node.head, tuple(_replaced(arg, old, new) for arg in node.args)) if isinstance(node, Op) else node


def _negative_quotient(numerator: Coefficients, denominator: Coefficients, closed: bool) -> Intervals:
    """The sign between neighbouring roots and poles, and the roots themselves if `closed`."""
    poles = set(real_roots(denominator))
    zeros = set(real_roots(without_factors(numerator, denominator)))
    ends: list[Endpoint] = [-inf, *sorted(zeros | poles), inf]
    parts: list[Interval] = []
    for low, high in pairwise(ends):
        sample = _between(low, high)
        sign = sign_at(numerator, sample) * sign_at(denominator, sample)
        if sign < 0 or (not numerator and closed):
            parts.append((low, False, high, False))
    if closed:
        parts += [(zero, True, zero, True) for zero in zeros]
    return merged(tuple(parts))


def _between(low: Endpoint, high: Endpoint) -> Fraction:
    if isinstance(low, Fraction) and isinstance(high, Fraction):
        return (low + high) / 2
    if isinstance(low, Fraction):
        return low + 1
    return high - 1 if isinstance(high, Fraction) else Fraction(0)


def _quotient(node: Node) -> Quotient:
    """The tree as one quotient of polynomials in its variable."""
    if not variables(node):
        value = rational(node)
        if value is None:
            raise _NotSolvable
        return trimmed([value]), _ONE
    if isinstance(node, Sym):
        return (Fraction(0), Fraction(1)), _ONE
    if not isinstance(node, Op) or node.head not in {"add", "mul", "neg", "inv", "pow"}:
        raise _NotSolvable
    if node.head == "pow":
        return _power(node)
    parts = [_quotient(arg) for arg in node.args]
    numerator, denominator = parts[0]
    for other, below in parts[1:]:
        if node.head == "add":
            numerator = plus(times(numerator, below), times(other, denominator))
        else:
            numerator = times(numerator, other)
        denominator = times(denominator, below)
    if node.head == "neg":
        numerator = times(numerator, (Fraction(-1),))
    return _inverse(numerator, denominator) if node.head == "inv" else (numerator, denominator)


def _inverse(numerator: Coefficients, denominator: Coefficients) -> Quotient:
    if not numerator:
        raise Undefined
    return denominator, numerator


def _power(node: Op) -> Quotient:
    base, exponent = node.args
    power = None if variables(exponent) else rational(exponent)
    if power is None or power.denominator != 1 or abs(power) > MAX_ROOT_DEGREE or not power:
        raise _NotSolvable
    return _quotient(Op("mul", (integer(1), *[base if power > 0 else Op("inv", (base,))] * abs(power.numerator))))
