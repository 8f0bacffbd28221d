"""A parse as MathML: the tags that a page may make, and forms that read as they were written."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from grpo_core.oracle.grammar import parse
from grpo_core.oracle.mathml import TAGS, mathml
from tests.core.oracle.test_comparison import expressions


def text_of(tree: Any) -> str:
    """What a reader sees, fractions and powers as `/` and `^`."""
    if isinstance(tree, str):
        return tree
    tag, *children = tree
    assert tag in TAGS
    join = {"mfrac": "/", "msup": "^", "mroot": "√", "mtr": ";", "mtd": "&"}.get(tag, "")
    shown = join.join(map(text_of, children))
    return f"√{shown}" if tag == "msqrt" else shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x^2-x-12", "x^2−x−12"),
        ("-\\frac{3}{4}", "−3/4"),
        ("0.75", "0.75"),
        ("\\sqrt{2}/2", "√2/2"),
        ("2\\cdot 3", "2·3"),
        ("(a+b)c", "(a+b)c"),
        ("(-\\infty,2)\\cup[5,7]", "(−∞,2)∪[5,7]"),
        ("\\{1,2\\}", "{1,2}"),
        ("x\\ne 3", "x≠3"),
        ("\\pi r^2", "πr^2"),
        ("f(x)=2x", "f(x)=2x"),
        ("\\sum_{k=1}^{n}k", "∑k=1nk"),
        ("\\int_0^1 x dx", "∫01xdx"),
        ("\\text{ten apples}", "ten apples"),
        ("\\mathbb{R}", "ℝ"),
    ],
)
def test_forms(text: str, shown: str) -> None:
    assert text_of(mathml(parse(text))) == shown


def test_a_matrix_is_a_table() -> None:
    fence, table, closing = mathml(parse("\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}"))[1:]
    assert (fence, closing) == (["mo", "("], ["mo", ")"])
    assert [len(row) - 1 for row in table[1:]] == [2, 2]


@settings(max_examples=60)
@given(expressions)
def test_every_expression_has_a_form(text: str) -> None:
    assert text_of(mathml(parse(text)))
