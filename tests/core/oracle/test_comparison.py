"""The checks against two judges that know better: Python's Fraction for numbers, SymPy for expressions."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grpo_core.oracle.compare import compare
from grpo_core.oracle.exact import Undefined, rational
from grpo_core.oracle.grammar import parse
from grpo_core.oracle.limits import OverBudget
from grpo_core.oracle.nodes import Node, from_json, to_json
from grpo_core.oracle.polynomial import is_decisive, normal_form
from grpo_core.oracle.source import source
from grpo_core.oracle.to_sympy import to_sympy

integers = st.integers(-(10**6), 10**6)
atoms = st.sampled_from(["x", "y", "1", "2", "3", "\\frac{1}{2}", "\\sqrt{2}", "\\pi"])
expressions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]}{t[1]}{t[2]})"),
        st.tuples(inner, st.integers(1, 3)).map(lambda t: f"({t[0]})^{t[1]}"),
        inner.map(lambda text: f"\\frac{{{text}}}{{3}}"),
    ),
    max_leaves=6,
)


def unasked(left: Node, right: Node) -> bool | None:
    raise AssertionError("these need no proof")


@given(integers, st.integers(1, 10**4))
def test_fractions_are_exact(numerator: int, denominator: int) -> None:
    value = Fraction(numerator, denominator)
    for text in (
        f"{numerator}/{denominator}",
        f"\\frac{{{numerator}}}{{{denominator}}}",
        f"\\frac{{{value.numerator}}}{{{value.denominator}}}",
    ):
        assert rational(parse(text)) == value


@given(st.decimals(-(10**6), 10**6, places=4))
def test_decimals_are_exact(number: object) -> None:
    assert rational(parse(str(number))) == Fraction(str(number))
    assert rational(parse(f"{number:,}")) == Fraction(str(number))


@given(integers, integers)
def test_numbers_are_equal_only_if_they_are(left: int, right: int) -> None:
    assert compare(parse(f"{left}*10^{{-40}}"), parse(f"{right}*10^{{-40}}"), unasked).equal == (left == right)


@settings(max_examples=150, deadline=None)
@given(expressions, expressions)
def test_cheap_checks_agree_with_sympy(left: str, right: str) -> None:
    a, b = parse(left), parse(right)
    assert compare(a, b, unasked).equal == (sympy.expand(to_sympy(a) - to_sympy(b)) == 0)


@settings(max_examples=100, deadline=None)
@given(expressions)
def test_normal_form_keeps_the_value(text: str) -> None:
    tree = parse(text)
    form = normal_form(tree)
    assume(form is not None)
    assert form is not None
    assert is_decisive(form)
    rebuilt = sum(
        sympy.Rational(c.numerator, c.denominator) * sympy.prod([_atom(n) ** e for n, e in m]) for m, c in form.items()
    )
    assert sympy.expand(rebuilt - to_sympy(tree)) == 0


def _atom(name: str) -> object:
    if name.startswith("√"):
        return sympy.sqrt(int(name[1:]))
    return sympy.pi if name == "pi" else sympy.Symbol(name)


@settings(max_examples=100, deadline=None)
@given(expressions)
def test_source_is_sympy_source_of_the_same_value(text: str) -> None:
    tree = parse(text)
    # The texts are our own, built above: evaluating them is safe.
    value = eval(source(tree), {**vars(sympy), "x": sympy.Symbol("x"), "y": sympy.Symbol("y")})  # noqa: S307
    assert sympy.expand(value - to_sympy(tree)) == 0


@given(expressions)
def test_a_tree_survives_the_pipe(text: str) -> None:
    assert from_json(to_json(parse(text))) == parse(text)


@pytest.mark.parametrize("text", ["9^9^9^9", "2^{10^9}", "(10^{1000})!", "2000!", "\\binom{10^7}{5}", "1e99999"])
def test_large_powers_are_refused_before_they_are_made(text: str) -> None:
    with pytest.raises(OverBudget):
        rational(parse(text))


def test_division_by_zero_has_no_value() -> None:
    with pytest.raises(Undefined):
        rational(parse("1/(2-2)"))
