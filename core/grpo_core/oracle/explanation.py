"""`explain()`: a verdict, both sides as they were read (LaTeX, MathML, text, tree) and one plain sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grpo_core.oracle.extract import Found
from grpo_core.oracle.gold import parse_extracted, read_gold
from grpo_core.oracle.judge import judge
from grpo_core.oracle.latex import latex
from grpo_core.oracle.limits import OverBudget, Unreadable
from grpo_core.oracle.mathml import MathML, mathml
from grpo_core.oracle.nodes import Node, to_json
from grpo_core.oracle.pretty import plain, pretty
from grpo_core.oracle.reasons import shortened
from grpo_core.oracle.tasks import GoldFormat
from grpo_core.types import Json, Verdict

_EQUAL_AS = {
    "string": "the same text",
    "choice": "the same choice",
    "structure": "the same up to notation",
    "rational": "equal as rationals",
    "normal_form": "equal when expanded",
    "relation": "the same relation",
    "evaluation": "equal wherever they were evaluated",
    "proof": "proved equal",
}
_DIFFERENT_AS = {
    "string": "another text",
    "choice": "another choice",
    "structure": "of another form",
    "rational": "different as rationals",
    "normal_form": "different when expanded",
    "relation": "another relation",
    "evaluation": "different where they were evaluated",
    "proof": "not proved equal",
}


@dataclass(frozen=True, slots=True)
class Form:
    """One side as it was read: LaTeX, MathML as nested lists, Unicode text of one or more lines, and the tree."""

    latex: str
    mathml: MathML
    pretty: str
    tree: Any

    def to_json(self) -> Json:
        return {"latex": self.latex, "mathml": self.mathml, "pretty": self.pretty, "tree": self.tree}


@dataclass(frozen=True, slots=True)
class Explanation:
    """`answer` and `gold` are None where that side could not be read, or was not there."""

    verdict: Verdict
    answer: Form | None
    gold: Form | None
    check: str | None
    reason: str
    sentence: str

    def to_json(self) -> Json:
        return {
            "verdict": self.verdict.to_json(),
            "answer": self.answer.to_json() if self.answer else None,
            "gold": self.gold.to_json() if self.gold else None,
            "check": self.check,
            "reason": self.reason,
            "sentence": self.sentence,
        }


def explain(completion: str, gold: str, steps: Sequence[str] = (), gold_format: GoldFormat = "auto") -> Explanation:
    """Judge a completion and show how. Never raises, for any text."""
    return explained(judge(completion, gold, steps, gold_format=gold_format), gold, gold_format)


def explained(verdict: Verdict, gold: str, gold_format: GoldFormat = "auto") -> Explanation:
    """The explanation of a verdict that was given before."""
    answer_tree, gold_tree = _answer_tree(verdict), read_gold(gold, gold_format).tree
    forms = [_form(tree) for tree in (answer_tree, gold_tree)]
    sentence = _sentence(verdict, answer_tree, gold_tree)
    return Explanation(verdict, forms[0], forms[1], verdict.check, verdict.reason, sentence)


def _answer_tree(verdict: Verdict) -> Node | None:
    if verdict.extracted is None or verdict.span is None or verdict.outcome in {"no_answer", "unparsable"}:
        return None
    try:
        return parse_extracted(Found(verdict.extracted, verdict.span, verdict.rule or ""))
    except (Unreadable, OverBudget):
        return None


def _form(tree: Node | None) -> Form | None:
    return None if tree is None else Form(latex(tree), mathml(tree), pretty(tree), to_json(tree))


def _sentence(verdict: Verdict, answer: Node | None, gold: Node | None) -> str:
    if answer is None or gold is None or verdict.check is None or verdict.outcome not in {"correct", "wrong"}:
        return verdict.message
    said = (_EQUAL_AS if verdict.outcome == "correct" else _DIFFERENT_AS).get(verdict.check, verdict.check)
    return f"parsed as {shortened(plain(answer))}; gold is {shortened(plain(gold))}; {said}"
