"""Evaluation at points: the value of a tree to 60 digits, in its own mpmath context, with bounded magnitudes.

The points are drawn from a generator seeded by the names of the variables: the same everywhere. Equality is relative:
two numbers are never equal because both are tiny.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

from mpmath.ctx_mp import MPContext  # type: ignore[import-untyped]

from grpo_core.oracle.exact import Undefined
from grpo_core.oracle.limits import MAX_FACTORIAL, MAX_MAGNITUDE_BITS, OverBudget, Unreadable
from grpo_core.oracle.nodes import Node, Num, Sym, heads, variables, walk

Value = Any
"""mpmath's mpf or mpc."""
DIGITS = 60
AGREEING_DIGITS = 45
POINTS_NEEDED, POINTS_TRIED = 4, 18
_SCALES = (1, 9, 1, 81, 1)
"""Of the points after the first three: what holds from 4 on, or from 13 on (√(x - 4)), is evaluated there too."""

_local = threading.local()


def same_everywhere(left: Node, right: Node) -> bool | None:
    """Do both agree at the points where both are real (anywhere, if `I` occurs)? None: too few such points, or the
    values vanish in rounding, so that nothing is known. Where they are never real, values that differ say so.
    Raises `OverBudget` if their values are too large at every point."""
    names = tuple(sorted(variables(left) | variables(right)))
    real_only = bool(names) and not any(isinstance(n, Sym) and n.name == "I" for n in (*walk(left), *walk(right)))
    agreed, unreal, too_large = 0, [], []
    for point in _points(names):
        verdict = _agree_at(left, right, point, real_only)
        if verdict is False:
            return False
        unreal += [point] if verdict is None else []
        too_large += [verdict] if isinstance(verdict, OverBudget) else []
        agreed += verdict is True
        if agreed == POINTS_NEEDED or not names:
            break
    if too_large and not (agreed or unreal):
        raise too_large[0]
    if agreed:
        return True if agreed == POINTS_NEEDED or not names else None
    differ = real_only and any(_agree_at(left, right, point, False) is False for point in unreal[:POINTS_NEEDED])
    return False if differ else None


def _agree_at(
    left: Node, right: Node, point: Mapping[str, tuple[int, int]], real_only: bool
) -> bool | OverBudget | None:
    try:
        return _agree(left, right, point, real_only)
    except OverBudget as error:
        return error


def is_evaluable(node: Node) -> bool:
    return heads(node) <= _RULES.keys() and not any(isinstance(n, Sym) and n.name == "oo" for n in walk(node))


def approximate(node: Node) -> Fraction | None:
    """A constant's real value to 60 digits, or None."""
    if variables(node):
        return None
    try:
        value = _value(node, {}, DIGITS)
    except (Undefined, ZeroDivisionError, ValueError, OverflowError):
        return None
    if not _is_real(value) or abs(_context(DIGITS).mag(value.real or 1)) > MAX_MAGNITUDE_BITS:
        return None
    negative, mantissa, exponent, _ = value.real._mpf_
    return Fraction(-int(mantissa) if negative else int(mantissa)) * Fraction(2) ** int(exponent)


@lru_cache(maxsize=64)
def _points(names: tuple[str, ...]) -> list[dict[str, tuple[int, int]]]:
    """Rational points: two positive (roots and logarithms are real there), one negative, the rest of either sign and
    of several magnitudes."""
    if not names:
        return [{}]
    generator = random.Random("grpo-dash " + " ".join(names))
    points = []
    for index in range(POINTS_TRIED):
        signs = ([1], [1], [-1])[index] if index < 3 else [1, -1]
        scale = _SCALES[index % len(_SCALES)] if index >= 3 else 1
        points.append({name: (scale * generator.choice(signs) * generator.randint(31, 397), 101) for name in names})
    return points


def _agree(left: Node, right: Node, point: Mapping[str, tuple[int, int]], real_only: bool) -> bool | None:
    try:
        a, b = _value(left, point, DIGITS), _value(right, point, DIGITS)
        if real_only and not (_is_real(a) and _is_real(b)):
            return None
        if _close(a, b):
            return True
        # Far apart, unless both are only what cancellation left: then more digits shrink them.
        more_a, more_b = _value(left, point, 2 * DIGITS), _value(right, point, 2 * DIGITS)
    except (Undefined, ZeroDivisionError, ValueError, OverflowError):
        return None
    # An exact zero says nothing of how far the other may still shrink.
    if (a and _close(a, more_a)) or (b and _close(b, more_b)):
        return _close(more_a, more_b)
    return None


def _close(a: Value, b: Value) -> bool:
    context = _context(DIGITS)
    scale = max(abs(a), abs(b))
    return bool(abs(a - b) <= scale * context.mpf(10) ** -AGREEING_DIGITS)


def _is_real(value: Value) -> bool:
    return bool(abs(value.imag) <= abs(value) * _context(DIGITS).mpf(10) ** -AGREEING_DIGITS)


def _context(digits: int) -> Any:
    """mpmath keeps its precision in the context, so each thread has its own."""
    contexts: dict[int, Any] = _local.__dict__.setdefault("contexts", {})
    if digits not in contexts:
        contexts[digits] = MPContext()
        contexts[digits].dps = digits
    return contexts[digits]


def _value(node: Node, point: Mapping[str, tuple[int, int]], digits: int) -> Value:
    context = _context(digits)
    if isinstance(node, Num):
        return context.mpf(node.value.numerator) / node.value.denominator
    if isinstance(node, Sym):
        return _symbol(context, node.name, point)
    if node.head not in _RULES:
        raise Unreadable(f"{node.head} has no numerical value.")
    value = _RULES[node.head](context, [_value(arg, point, digits) for arg in node.args])
    if context.isnan(value) or context.isinf(value):
        raise Undefined
    return value


def _symbol(context: Any, name: str, point: Mapping[str, tuple[int, int]]) -> Value:
    if name in point:
        numerator, denominator = point[name]
        return context.mpf(numerator) / denominator
    return {"pi": context.pi, "E": context.e, "I": context.mpc(0, 1)}[name] + context.mpf(0)


def _moderate(context: Any, *values: Value) -> None:
    if any(value and context.mag(value) > MAX_MAGNITUDE_BITS for value in values):
        raise OverBudget("BUDGET_MAGNITUDE")


def _power(context: Any, values: list[Value]) -> Value:
    base, exponent = values
    if not base:
        if exponent.real <= 0:
            raise Undefined
        return base
    if context.mag(exponent or 1) + max(0, context.mag(context.mag(base) or 1)) > 40:
        raise OverBudget("BUDGET_MAGNITUDE")
    return context.power(base, exponent)


def _exp(context: Any, values: list[Value]) -> Value:
    if context.mag(values[0] or 1) > 40:
        raise OverBudget("BUDGET_MAGNITUDE")
    return context.exp(values[0])


def _factorial(context: Any, values: list[Value]) -> Value:
    if abs(values[0]) > MAX_FACTORIAL:
        raise OverBudget("BUDGET_FACTORIAL")
    return context.factorial(values[0])


def _double_factorial(context: Any, values: list[Value]) -> Value:
    if abs(values[0]) > MAX_FACTORIAL:
        raise OverBudget("BUDGET_FACTORIAL")
    return context.fac2(values[0])


def _binomial(context: Any, values: list[Value]) -> Value:
    if any(abs(value) > MAX_FACTORIAL for value in values):
        raise OverBudget("BUDGET_FACTORIAL")
    return context.binomial(*values)


def _real_root(context: Any, values: list[Value]) -> Value:
    """The real root of odd degree of a negative number, as school writes it; else the principal one."""
    radicand, index = values
    odd = _is_real(index) and index.real % 2 == 1
    if odd and _is_real(radicand) and radicand.real < 0:
        return -_power(context, [-radicand.real, 1 / index])
    return _power(context, [radicand, 1 / index]) if radicand else radicand


def _named(name: str) -> Callable[[Any, list[Value]], Value]:
    def apply(context: Any, values: list[Value]) -> Value:
        _moderate(context, *values)
        return getattr(context, name)(values[0])

    return apply


def _extreme(name: Callable[..., Value]) -> Callable[[Any, list[Value]], Value]:
    def apply(context: Any, values: list[Value]) -> Value:
        if not all(_is_real(v) for v in values):
            raise Undefined
        return name(v.real for v in values)

    return apply


_SAME_NAMES = "sqrt sin cos tan cot sec csc asin acos atan sinh cosh tanh ln floor sign"
_RULES: dict[str, Callable[[Any, list[Value]], Value]] = {
    "add": lambda context, values: context.fsum(values),
    "neg": lambda context, values: -values[0],
    "mul": lambda context, values: context.fprod(values),
    "inv": lambda context, values: 1 / values[0],
    "pow": _power,
    "exp": _exp,
    "factorial": _factorial,
    "factorial2": _double_factorial,
    "root": _real_root,
    "percent": lambda context, values: values[0] / 100,
    "degree": lambda context, values: values[0] * context.pi / 180,
    "abs": lambda context, values: abs(values[0]),
    "log10": _named("log10"),
    "log": _named("ln"),
    "binomial": _binomial,
    "min": _extreme(min),
    "max": _extreme(max),
    **{name: _named(name) for name in _SAME_NAMES.split()},
    "ceiling": _named("ceil"),
    "ceil": _named("ceil"),
}
