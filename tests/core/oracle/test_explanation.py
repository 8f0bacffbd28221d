"""explain(): both sides as LaTeX, text and tree, and the sentence; for any text whatever."""

from __future__ import annotations

import json

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from grpo_core.oracle import explain
from grpo_core.oracle.grammar import parse
from grpo_core.oracle.latex import latex
from grpo_core.oracle.limits import OverBudget, Unreadable
from grpo_core.oracle.nodes import from_json
from grpo_core.oracle.pretty import plain, pretty
from grpo_core.oracle.to_sympy import to_sympy
from tests.core.oracle.cases import table
from tests.core.oracle.test_comparison import expressions


def test_the_sentence_says_what_was_read_and_why_it_is_equal() -> None:
    explanation = explain("so \\boxed{\\frac{3}{4}}", "0.75")
    assert explanation.sentence == "parsed as 3/4; gold is 0.75; equal as rationals"
    assert (explanation.check, explanation.reason) == ("rational", "SAME_VALUE")
    assert explanation.answer is not None
    assert explanation.answer.latex == "\\frac{3}{4}"
    assert explanation.answer.pretty.split("\n") == [" 3", "───", " 4"]
    assert from_json(explanation.answer.tree) == parse("\\frac{3}{4}")
    assert json.loads(json.dumps(explanation.to_json())) == explanation.to_json()


def test_what_was_not_read_has_no_form() -> None:
    assert explain("I do not know", "1").answer is None
    assert explain("\\boxed{1}", "\\foo").gold is None
    assert "cannot be read" in explain("\\boxed{3 \\foo}", "3").sentence


def test_joined_boxes_are_shown_as_one_list() -> None:
    explanation = explain("\\boxed{1} and \\boxed{2}", "1, 2")
    assert explanation.answer is not None
    assert explanation.answer.latex == "1, 2"


@pytest.mark.parametrize(
    ("text", "written", "shown"),
    [
        ("x^2-x-12", "x^{2} - x - 12", "x² − x − 12"),
        ("\\sqrt{2}/2", "\\frac{\\sqrt{2}}{2}", "√2/2"),
        ("(-\\infty,2)\\cup[5,7]", "(-\\infty, 2) \\cup [5, 7]", "(−∞, 2) ∪ [5, 7]"),
        ("\\sum_{k=1}^{n}k", "\\sum_{k=1}^{n} k", "∑[k=1…n] k"),
        ("x\\ne 3", "x \\ne 3", "x ≠ 3"),
    ],
)
def test_forms(text: str, written: str, shown: str) -> None:
    assert latex(parse(text)) == written
    assert plain(parse(text)) == shown


@settings(max_examples=150, deadline=None)
@given(expressions)
def test_latex_reads_back_as_the_same_value(text: str) -> None:
    tree = parse(text)
    assert sympy.expand(to_sympy(parse(latex(tree))) - to_sympy(tree)) == 0


def test_every_readable_row_of_the_tables_can_be_shown() -> None:
    for row in table("oracle_kinds.jsonl"):
        try:
            tree = parse(row["gold"])
        except (Unreadable, OverBudget):
            continue
        assert latex(tree)
        assert pretty(tree)
        assert "\n" not in plain(tree)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_it_never_raises(completion: str, gold: str) -> None:
    explanation = explain(completion, gold)
    assert explanation.sentence
