"""The fast checks against SymPy, over roots, powers, logarithms, trigonometry, complex numbers, intervals, matrices.

SymPy's own value of each side, to 40 digits, says what is equal. `GRPO_DASH_AGREEMENT=5000` for the long form.
"""

from __future__ import annotations

import os
from itertools import product
from typing import Any

import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grpo_core.oracle.compare import compare
from grpo_core.oracle.exact import Undefined
from grpo_core.oracle.grammar import parse
from grpo_core.oracle.limits import OverBudget
from grpo_core.oracle.nodes import Node
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
    """SymPy's values of our own text at the points; none where it has no finite value."""
    expression = to_sympy(parse(text))
    found = [sympy.N(expression.subs(point), 40) for point in POINTS]
    assume(all(value.is_number and value.is_finite and value.is_comparable is not None for value in found))
    return found


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
def test_what_the_fast_checks_call_equal_has_the_same_value(left: str, right: str) -> None:
    if judged(left, right):
        assert are_equal(values(left), values(right))


@settings(max_examples=EXAMPLES, deadline=None)
@given(expressions, st.integers(1, 40))
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
