"""The fast checks against SymPy, over roots, powers, logarithms, trigonometry, complex numbers, intervals, matrices.

SymPy's own value of each side, to 40 digits, says what is equal. `GRPO_DASH_AGREEMENT=5000` for the long form.
"""

from __future__ import annotations

import os
from fractions import Fraction
from itertools import product
from typing import Any

import sympy
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from grpo_core.oracle.compare import compare
from grpo_core.oracle.exact import Undefined
from grpo_core.oracle.grammar import parse
from grpo_core.oracle.inequalities import solutions
from grpo_core.oracle.intervals import Intervals
from grpo_core.oracle.limits import OverBudget
from grpo_core.oracle.nodes import Node, Op, walk
from grpo_core.oracle.to_sympy import to_sympy

EXAMPLES = int(os.environ.get("GRPO_DASH_AGREEMENT") or 120)
POINTS = [
    {"x": sympy.Rational(7, 5), "y": sympy.Rational(13, 11)},
    {"x": sympy.Rational(3, 7), "y": sympy.Rational(9, 4)},
]
UNARY = [
    "\\sqrt{{{}}}",
    "\\sqrt[3]{{{}}}",
    "\\ln({})",
    "\\sin({})",
    "\\cos({})",
    "\\tan({})",
    "|{}|",
    "-({})",
    "({})^2",
]
UNARY += ["({})^{{-1}}", "({})^{{3/2}}", "e^{{{}}}", "\\log_2({})", "\\arctan({})", "\\frac{{1}}{{{}}}", "({})^{{1/2}}"]
BINARY = ["({}+{})", "({}-{})", "({})({})", "\\frac{{{}}}{{{}}}"]
atoms = st.sampled_from(["x", "y", "1", "2", "3", "i", "\\pi", "\\frac{1}{2}", "0.25", "5", "\\sqrt{2}"])
expressions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(UNARY), inner).map(lambda t: t[0].format(t[1])),
        st.tuples(st.sampled_from(BINARY), inner, inner).map(lambda t: t[0].format(t[1], t[2])),
    ),
    max_leaves=5,
)


def unproved(left: Node, right: Node) -> bool | None:
    return None


def values(text: str) -> list[Any]:
    """SymPy's values of our own text at the points; none where it has no finite value, or a cube root of a negative
    number, which is real for us and not for SymPy."""
    tree = parse(text)
    try:
        roots = [_at_points(node.args[0]) for node in walk(tree) if isinstance(node, Op) and node.head == "root"]
        found = _at_points(tree)
    except Undefined:
        assume(False)
        raise
    assume(not any(value.is_negative for values in roots for value in values))
    assume(all(value.is_number and value.is_finite and value.is_comparable is not None for value in found))
    return found


def _at_points(node: Node) -> list[Any]:
    expression = to_sympy(node)
    return [sympy.N(expression.subs(point), 40) for point in POINTS]


def are_equal(left: list[Any], right: list[Any]) -> bool:
    return all(abs(a - b) <= sympy.Float("1e-30") * max(abs(a), abs(b)) for a, b in zip(left, right, strict=True))


def judged(left: str, right: str) -> bool:
    try:
        return compare(parse(left), parse(right), unproved).equal
    except (OverBudget, Undefined):
        assume(False)
        raise


@settings(max_examples=EXAMPLES, deadline=None)
@given(expressions, expressions)
@example("\\sqrt[3]{-(y)}", "-(\\sqrt[3]{y})")
def test_what_the_fast_checks_call_equal_has_the_same_value(left: str, right: str) -> None:
    if judged(left, right):
        assert are_equal(values(left), values(right))


@settings(max_examples=EXAMPLES, deadline=None)
@given(expressions, st.integers(1, 40))
@example("\\frac{x}{\\ln(1)}", 1)
def test_a_little_more_is_not_equal(text: str, places: int) -> None:
    assume(all(value.is_real for value in values(text)))
    assert not judged(f"{text}+10^{{-{places}}}", text)


ends = st.integers(-4, 4)
brackets = st.sampled_from("([")
intervals = st.tuples(brackets, ends, st.integers(1, 4), st.sampled_from(")]"))


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(intervals, min_size=1, max_size=3), st.lists(intervals, min_size=1, max_size=3))
def test_unions_of_intervals_are_sympys(left: list[Any], right: list[Any]) -> None:
    assert judged(_union(left), _union(right)) == (_sympy_union(left) == _sympy_union(right))


def _union(parts: list[Any]) -> str:
    # A leading set of one point outside says that `(1, 2)` is no point of the plane.
    return "\\cup".join(["\\{99\\}", *(f"{a}{low},{low + length}{b}" for a, low, length, b in parts)])


def _sympy_union(parts: list[Any]) -> Any:
    return sympy.Union(
        sympy.FiniteSet(99), *(sympy.Interval(low, low + n, a == "(", b == ")") for a, low, n, b in parts)
    )


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(st.integers(-3, 3), min_size=8, max_size=8), st.integers(1, 4))
def test_matrix_arithmetic_is_sympys(entries: list[int], power: int) -> None:
    a, b = sympy.Matrix(2, 2, entries[:4]), sympy.Matrix(2, 2, entries[4:])
    written = f"{_matrix(a)}^{{{power}}}{_matrix(b)}-2{_matrix(a)}"
    result = a**power * b - 2 * a
    assert judged(written, _matrix(result))
    for i, j in product(range(2), repeat=2):
        other = result.copy()
        other[i, j] += 1
        assert not judged(written, _matrix(other))


def _matrix(matrix: Any) -> str:
    rows = "\\\\".join("&".join(map(str, matrix.row(i))) for i in range(2))
    return f"\\begin{{pmatrix}}{rows}\\end{{pmatrix}}"


factors = st.sampled_from(["x", "(x-1)", "(x+2)", "(2x-3)", "(x^2-2)", "(x^2+1)", "(3-x)", "|x-1|", "|x+3|", "2", "-1"])
products = st.lists(factors, min_size=1, max_size=3).map("".join)
quotients = st.tuples(products, st.one_of(st.just("1"), products), st.integers(-3, 3))
"""Numerator, denominator, and what is added to their quotient."""
SAMPLES = sorted({sympy.Rational(n, d) for d in (1, 2, 3, 7) for n in range(-5 * d, 5 * d + 1)})


@settings(max_examples=EXAMPLES, deadline=None)
@given(quotients, quotients, st.booleans())
def test_an_inequality_is_solved_as_sympy_evaluates_it(
    low: tuple[str, str, int], high: tuple[str, str, int], closed: bool
) -> None:
    solved = solutions(*(parse("\\frac{{{}}}{{{}}}+({})".format(*side)) for side in (low, high)), closed)
    assume(solved is not None)
    for point in SAMPLES:
        left, right = (_value(side, point) for side in (low, high))
        holds = left is not None and right is not None and (left <= right if closed else left < right)
        assert bool(holds) == _contains(solved or (), Fraction(point.p, point.q)), point


def _value(side: tuple[str, str, int], point: Any) -> Any:
    """SymPy's, None where the denominator vanishes: SymPy itself takes x/x for 1 at 0 too."""
    numerator, denominator = (to_sympy(parse(text)).subs("x", point) for text in side[:2])
    return numerator / denominator + side[2] if denominator else None


def _contains(intervals: Intervals, point: Fraction) -> bool:
    return any(
        (low < point or (low == point and low_in)) and (point < high or (point == high and high_in))
        for low, low_in, high, high_in in intervals
    )


coefficients = st.lists(st.integers(-3, 3), min_size=4, max_size=4).filter(lambda c: any(c[:3]))
TERMS = ("x^2", "xy", "y", "1")


@settings(max_examples=EXAMPLES, deadline=None)
@given(coefficients, coefficients, st.sampled_from([-3, -1, 1, 2]), st.sampled_from(["=", "<", "\\ge", "\\ne"]))
def test_relations_are_equal_when_one_is_a_multiple_of_the_other(
    left: list[int], right: list[int], factor: int, sign: str
) -> None:
    moved = "0" + sign + _polynomial([-factor * c for c in left])
    turned = {"<": ">", "\\ge": "\\le"}.get(sign, sign) if factor < 0 else sign
    assert judged(_polynomial(left) + sign + "0", moved.replace(sign, turned))
    rows = sympy.Matrix([left, right])
    multiple = rows.rank() == 1 and (sign in {"=", "\\ne"} or _same_direction(left, right))
    assert judged(_polynomial(left) + sign + "0", _polynomial(right) + sign + "0") == multiple


def _polynomial(coefficients: list[int]) -> str:
    return "+".join(f"({c}){term}" for c, term in zip(coefficients, TERMS, strict=True))


def _same_direction(left: list[int], right: list[int]) -> bool:
    return all(a * b >= 0 for a, b in zip(left, right, strict=True))
