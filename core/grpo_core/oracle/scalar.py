"""Are two values equal? From cheap to dear: exact rational, structure, normal form, evaluation, proof."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeGuard

from grpo_core.oracle.big_operators import at_whole_numbers
from grpo_core.oracle.exact import Undefined, rational, rounds_to
from grpo_core.oracle.nodes import COLLECTIONS, INFINITY, PI, Node, Num, Op, Sym, heads, walk
from grpo_core.oracle.numeric import approximate, is_evaluable, same_everywhere
from grpo_core.oracle.polynomial import is_decisive, minus, normal_form
from grpo_core.oracle.structure import canonical

LEAST_DIGITS_OF_A_ROUNDING = 5
"""A decimal answer to a value that no short decimal has (1/12, √2) counts from so many correct digits on."""

_MARKS = frozenset({"percent", "degree"})

Prover = Callable[[Node, Node], bool | None]
"""The slow tier: is left = right? None if it cannot tell."""


@dataclass(frozen=True, slots=True)
class Decision:
    """`check` names what decided, `reason` is the stable code."""

    equal: bool
    check: str
    reason: str


def compare_values(answer: Node, gold: Node, prove: Prover) -> Decision:
    """Both sides bare values. A percent or degree sign around a whole side is notation (28 % is 28), or, where only one
    side has it, what it means (28 % is 0.28)."""
    decision = _compare_bare(_bare(answer), _bare(gold), prove)
    if not decision.equal and "log" in heads(answer) | heads(gold):
        decision = _compare_bare(_decadic(_bare(answer)), _decadic(_bare(gold)), prove)
    if decision.equal or _is_marked(answer) == _is_marked(gold):
        return decision
    meant = _compare_bare(_meaning(answer), _meaning(gold), prove)
    return meant if meant.equal else decision


def _decadic(node: Node) -> Node:
    """The tree with the logarithms whose base is not said to base 10; above they were natural."""
    if not isinstance(node, Op):
        return node
    return Op("log10" if node.head == "log" else node.head, tuple(_decadic(arg) for arg in node.args))


def _is_marked(node: Node) -> bool:
    while isinstance(node, Op) and node.head == "neg":
        node = node.args[0]
    return isinstance(node, Op) and node.head in _MARKS


def _meaning(node: Node) -> Node:
    if not isinstance(node, Op) or not _is_marked(node):
        return node
    if node.head == "neg":
        return Op("neg", (_meaning(node.args[0]),))
    factors = (Num(Fraction(1, 100)),) if node.head == "percent" else (PI, Num(Fraction(1, 180)))
    return Op("mul", (*factors, _bare(node)))


def _bare(node: Node) -> Node:
    while isinstance(node, Op) and node.head in _MARKS and not (node.head == "degree" and PI in walk(node)):
        node = node.args[0]
    if isinstance(node, Op) and node.head == "neg" and _is_marked(node):
        return Op("neg", (_bare(node.args[0]),))
    return node


def _compare_bare(answer: Node, gold: Node, prove: Prover) -> Decision:
    if answer == gold and not isinstance(gold, Num):
        return Decision(True, "structure", "SAME_STRUCTURE")
    if isinstance(answer, Op) and isinstance(gold, Op) and answer.head == gold.head == "call":
        return _compare_calls(answer, gold, prove)
    answer = _with_constant_of(answer, gold)
    if "call" in heads(answer) & heads(gold) and _calls_are_known(answer) and _calls_are_known(gold):
        answer, gold = _with_calls_named(answer), _with_calls_named(gold)
    for step in (_by_value, _by_structure, _by_normal_form, _by_evaluation):
        decision = step(answer, gold)
        if decision is not None:
            return decision
    if (whole := _at_whole_numbers(answer, gold)) is not None:
        return whole
    if _is_beyond_proof(answer, gold):
        return Decision(False, "structure", "DIFFERENT_STRUCTURE")
    proved = prove(answer, gold)
    return Decision(bool(proved), "proof", _PROOF_REASONS[proved])


def _at_whole_numbers(answer: Node, gold: Node) -> Decision | None:
    """Sums up to n have the value that is claimed for n = 1, 2, 3, …, or have not."""
    decisions = [_compare_bare(left, right, _unknown) for left, right in at_whole_numbers(answer, gold)]
    if any(decision.check == "proof" or decision.reason == "ANSWER_UNDEFINED" for decision in decisions):
        return None
    if any(not decision.equal for decision in decisions):
        return Decision(False, "evaluation", "DIFFERENT_AT_POINTS")
    return Decision(True, "evaluation", "SAME_AT_POINTS") if decisions else None


def _unknown(left: Node, right: Node) -> bool | None:
    return None


def _with_constant_of(answer: Node, gold: Node) -> Node:
    """`x^2 + c` as `x^2 + C`: a lone added constant may have any of its usual letters."""
    lone = [[n for n in side.args if n in _ANY_CONSTANT] if _is_sum(side) else [] for side in (answer, gold)]
    if len(lone[0]) != 1 or lone[1] != [_CONSTANT] or lone[0] == lone[1] or not isinstance(answer, Op):
        return answer
    if sum(n in _ANY_CONSTANT for n in walk(answer)) != 1:
        return answer
    return Op("add", tuple(_CONSTANT if n in _ANY_CONSTANT else n for n in answer.args))


def _is_sum(node: Node) -> TypeGuard[Op]:
    return isinstance(node, Op) and node.head == "add"


_CONSTANT = Sym("C")
_ANY_CONSTANT = frozenset({_CONSTANT, Sym("c"), Sym("K"), Sym("k"), Sym("C_1"), Sym("c_1")})


def _compare_calls(answer: Op, gold: Op, prove: Prover) -> Decision:
    """Values of a function that nobody knows are equal if it is the same one, of equal arguments."""
    if answer.args[0] != gold.args[0] or len(answer.args) != len(gold.args):
        return Decision(False, "structure", "DIFFERENT_STRUCTURE")
    pairs = zip(answer.args[1:], gold.args[1:], strict=True)
    decisions = [compare_values(left, right, prove) for left, right in pairs]
    return next((decision for decision in decisions if not decision.equal), decisions[-1])


def _calls_are_known(node: Node) -> bool:
    """Can it be told which values of unknown functions are the same ones?"""
    forms = [normal_form(arg) for n in walk(node) if isinstance(n, Op) and n.head == "call" for arg in n.args[1:]]
    return all(form is not None and is_decisive(form) for form in forms) and "diff" not in heads(node)


def _with_calls_named(node: Node) -> Node:
    """Each value of an unknown function, `f(x + 1)`, as a variable of its own, the same for the same argument."""
    if not isinstance(node, Op):
        return node
    if node.head != "call":
        return Op(node.head, tuple(_with_calls_named(arg) for arg in node.args))
    arguments = [sorted((normal_form(arg) or {}).items()) for arg in node.args[1:]]
    return Sym(f"{node.args[0]}{arguments}")


def _is_beyond_proof(answer: Node, gold: Node) -> bool:
    """Would SymPy not be asked, or have no means to tell: of an unknown function on one side only, say?"""
    left, right = heads(answer), heads(gold)
    return bool((left | right) & _BEYOND_PROOF) or "call" in left ^ right or _has_gap(answer) or _has_gap(gold)


_BEYOND_PROOF = COLLECTIONS | {"prime", "mod", "numbers"}
_PROOF_REASONS = {True: "PROVED_EQUAL", False: "PROVED_DIFFERENT", None: "NOT_PROVED"}


def _by_value(answer: Node, gold: Node) -> Decision | None:
    try:
        left = rational(answer)
    except Undefined:
        return Decision(False, "rational", "ANSWER_UNDEFINED")
    right = rational(gold)
    if left is None or right is None:
        return None
    if left == right:
        return Decision(True, "rational", "SAME_VALUE")
    if _is_rounding(answer, right, gold) or _is_rounding(gold, left, answer):
        return Decision(True, "rational", "ROUNDED_VALUE")
    return Decision(False, "rational", "DIFFERENT_VALUE")


def _is_rounding(decimal: Node, value: Fraction, other: Node) -> bool:
    """Only of a value that was not itself written as a decimal, and that no finite decimal has."""
    number, sign = _signed_numeral(decimal)
    if number is None or any(isinstance(n, Num) and n.digits for n in walk(other)) or _is_finite_decimal(value):
        return False
    return rounds_to(number, sign * value, LEAST_DIGITS_OF_A_ROUNDING)


def _signed_numeral(node: Node) -> tuple[Num | None, int]:
    sign = 1
    if isinstance(node, Op) and node.head == "neg":
        node, sign = node.args[0], -1
    return (node if isinstance(node, Num) and node.digits else None), sign


def _is_finite_decimal(value: Fraction) -> bool:
    rest = value.denominator
    for factor in (2, 5):
        while rest % factor == 0:
            rest //= factor
    return rest == 1


def _by_structure(answer: Node, gold: Node) -> Decision | None:
    if canonical(answer) == canonical(gold):
        return Decision(True, "structure", "SAME_STRUCTURE")
    if any(INFINITY in walk(side) and not heads(side) & _WITH_BOUNDS for side in (answer, gold)):
        return Decision(False, "structure", "DIFFERENT_STRUCTURE")
    return None


def _has_gap(node: Node) -> bool:
    """Is there a sum or integral whose variable or bound is not known?"""
    return any(part == _GAP for part in walk(node))


_GAP = Sym("")
_WITH_BOUNDS = frozenset({"sum", "product", "integral", "limit"})


def _by_normal_form(answer: Node, gold: Node) -> Decision | None:
    left, right = normal_form(answer), normal_form(gold)
    if left is None or right is None:
        return None
    if left == right:
        return Decision(True, "normal_form", "SAME_NORMAL_FORM")
    numeral = _signed_numeral(answer)[0] or _signed_numeral(gold)[0]
    if is_decisive(left) and is_decisive(right) and numeral is None:
        return Decision(False, "normal_form", "DIFFERENT_NORMAL_FORM")
    # What is not known (`f(x)`) may cancel: `3 - 2f(x)` is not `2 - 2f(x)`.
    if numeral is None and is_decisive(minus(left, right)):
        return Decision(False, "normal_form", "DIFFERENT_NORMAL_FORM")
    return None


def _by_evaluation(answer: Node, gold: Node) -> Decision | None:
    if not (is_evaluable(answer) and is_evaluable(gold)):
        return None
    same = same_everywhere(answer, gold)
    if same is None:
        return None
    if same:
        return Decision(True, "evaluation", "SAME_AT_POINTS")
    if _rounds_irrational(answer, gold) or _rounds_irrational(gold, answer):
        return Decision(True, "evaluation", "ROUNDED_VALUE")
    return Decision(False, "evaluation", "DIFFERENT_AT_POINTS")


def _rounds_irrational(decimal: Node, other: Node) -> bool:
    """`1.41421` for √2: both neighbours of the decimal's last digit enclose the value."""
    number, sign = _signed_numeral(decimal)
    if number is None or any(isinstance(n, Num) and n.digits for n in walk(other)):
        return False
    value = approximate(other)
    return value is not None and rounds_to(number, sign * value, LEAST_DIGITS_OF_A_ROUNDING)
