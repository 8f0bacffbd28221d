"""Is the answer's tree equal to the gold's? Collections by members, relations by meaning, values by scalar.py.

An equation with a mere name on its left (`x = 5`, `f(x) = 5`, `|AB| = 5`) says what its right side says. A bare list
has no order against another list; a tuple has. The decision carries the dearest check that any member needed.
"""

from __future__ import annotations

from collections.abc import Sequence

from grpo_core.oracle.limits import MAX_ITEMS, OverBudget
from grpo_core.oracle.nodes import COLLECTIONS, INFINITY, RELATIONS, Node, Num, Op, Sym, heads
from grpo_core.oracle.polynomial import minus, normal_form, proportion
from grpo_core.oracle.scalar import Decision, Prover, compare_values
from grpo_core.oracle.structure import canonical

CHECKS = ("string", "choice", "structure", "rational", "normal_form", "relation", "evaluation", "proof")
"""From cheap to dear."""
_UNORDERED = frozenset({"list", "set", "union"})
_NAME_PARTS = frozenset({"mul", "inv", "abs", "call", "tuple", "list", "ratio", "prime"})


def compare(answer: Node, gold: Node, prove: Prover) -> Decision:
    """The decision for two parsed answers. Raises `OverBudget`."""
    if answer == gold and not isinstance(gold, Num):
        return Decision(True, "structure", "SAME_STRUCTURE")
    answer, gold = _aligned(answer, gold)
    kinds = [_kind(side) for side in (answer, gold)]
    if kinds == ["value", "value"]:
        return compare_values(answer, gold, prove)
    if kinds == ["relation", "relation"]:
        return _compare_relations(answer, gold, prove)
    if kinds == ["collection", "collection"]:
        return _compare_collections(answer, gold, prove)
    return Decision(False, "structure", "DIFFERENT_KIND")


def _kind(node: Node) -> str:
    if isinstance(node, Op) and (node.head in RELATIONS or node.head == "chain"):
        return "relation"
    return "collection" if isinstance(node, Op) and node.head in COLLECTIONS else "value"


def _head(node: Node) -> str:
    return node.head if isinstance(node, Op) else ""


# --- notation that says the same --------------------------------------------------------------------------------


def _aligned(answer: Node, gold: Node) -> tuple[Node, Node]:
    """Drop from one side what the other leaves out: the name before `=`, the variable of an inequality."""
    if _kind(answer) != _kind(gold) or "list" in {_head(answer), _head(gold)}:
        answer, gold = _said(answer, gold), _said(gold, answer)
    if {_head(answer), _head(gold)} & {"in"} and _head(answer) != _head(gold):
        answer, gold = _said(answer, Sym("")), _said(gold, Sym(""))
    if {_kind(answer), _kind(gold)} == {"relation", "collection"}:
        answer, gold = _as_interval(answer), _as_interval(gold)
    return _as_vector(answer, gold), _as_vector(gold, answer)


def _said(node: Node, beside: Node) -> Node:
    """What an equation says, if the other side is no relation."""
    if not isinstance(node, Op) or _kind(beside) == "relation":
        return node
    if node.head == "eq" and is_name(node.args[0]):
        return node.args[-1]
    if node.head == "eq" and (_is_identity(node) or not any(_has_names(side) for side in node.args)):
        return node.args[-1]
    if node.head == "in" and is_name(node.args[0]):
        return node.args[1]
    if node.head == "list" and _head(node.args[0]) == "eq" and all(_kind(n) == "value" for n in node.args[1:]):
        return Op("list", (_said(node.args[0], Sym("")), *node.args[1:]))
    return node


def _is_identity(equation: Op) -> bool:
    """A line of a derivation, `(x+3)(x-4) = x^2-x-12`: true for all x, so what it says is its last side."""
    forms = [normal_form(side) for side in equation.args]
    return forms[0] is not None and all(form == forms[0] for form in forms)


def _has_names(node: Node) -> bool:
    return (
        not (heads(node) <= {"add", "mul", "neg", "inv", "pow"})
        or normal_form(node) is None
        or any(monomial for monomial in normal_form(node) or {})
    )


def is_name(node: Node) -> bool:
    """Does it only name a quantity: letters and their products, ratios, applications, `|AB|`, `V_1:V_2`?"""
    if isinstance(node, Num):
        return False
    if isinstance(node, Sym):
        return node.name not in {"pi", "oo"}
    return node.head == "call" or (node.head in _NAME_PARTS and all(is_name(arg) for arg in node.args))


def _as_interval(node: Node) -> Node:
    """`-2 ≤ x ≤ 7` as [-2, 7], `x ≥ 5` as [5, ∞)."""
    if not isinstance(node, Op) or node.head not in {"lt", "le", "chain"}:
        return node
    if node.head == "chain":
        (first, second), others = [pair.args if isinstance(pair, Op) else () for pair in node.args][:2], node.args[2:]
        if others or not is_name(first[1]):
            return node
        return _interval(first[0], second[1], *(isinstance(p, Op) and p.head == "le" for p in node.args[:2]))
    closed = node.head == "le"
    if len(node.args) == 3 and is_name(node.args[1]):
        return _interval(node.args[0], node.args[2], closed, closed)
    if len(node.args) == 2 and is_name(node.args[1]):
        return _interval(node.args[0], INFINITY, closed, False)
    if len(node.args) == 2 and is_name(node.args[0]):
        return _interval(Op("neg", (INFINITY,)), node.args[1], False, closed)
    return node


def _interval(low: Node, high: Node, low_closed: bool, high_closed: bool) -> Op:
    head = f"interval{'[' if low_closed else '('}{']' if high_closed else ')'}"
    return Op("tuple" if head == "interval()" else head, (low, high))


def _as_vector(node: Node, beside: Node) -> Node:
    """A matrix of one row or column as a tuple, beside a tuple."""
    if not (isinstance(node, Op) and node.head == "matrix" and _head(beside) == "tuple"):
        return node
    rows = [row.args for row in node.args if isinstance(row, Op)]
    if len(rows) == 1:
        return Op("tuple", rows[0])
    return Op("tuple", tuple(row[0] for row in rows)) if all(len(row) == 1 for row in rows) else node


# --- relations --------------------------------------------------------------------------------------------------


def _compare_relations(answer: Node, gold: Node, prove: Prover) -> Decision:
    """Equal sides, or both brought to `form = 0` and proportional (positively, for an inequality)."""
    assert isinstance(answer, Op)
    assert isinstance(gold, Op)
    if answer.head != gold.head:
        return Decision(False, "relation", "DIFFERENT_RELATION")
    if canonical(answer) == canonical(gold):
        return Decision(True, "structure", "SAME_STRUCTURE")
    if answer.head == "eq" and canonical(answer.args[0]) == canonical(gold.args[0]) and is_name(gold.args[0]):
        return compare(answer.args[-1], gold.args[-1], prove)
    if len(answer.args) == len(gold.args) == 2 and answer.head in {"eq", "ne", "lt", "le"}:
        proportional = _proportional(answer, gold)
        if proportional is not None:
            reason = "SAME_RELATION" if proportional else "DIFFERENT_RELATION"
            return Decision(proportional, "relation", reason)
    return _compare_ordered(answer.args, gold.args, prove)


def _proportional(answer: Op, gold: Op) -> bool | None:
    forms = []
    for relation in (answer, gold):
        left, right = (normal_form(side) for side in relation.args)
        if left is None or right is None:
            return None
        forms.append(minus(left, right))
    if not forms[0] or not forms[1]:
        return forms[0] == forms[1]
    factor = proportion(forms[0], forms[1])
    if factor is None:
        return None
    return factor > 0 or answer.head in {"eq", "ne"}


# --- collections ------------------------------------------------------------------------------------------------


def _compare_collections(answer: Node, gold: Node, prove: Prover) -> Decision:
    assert isinstance(answer, Op)
    assert isinstance(gold, Op)
    pair = {answer.head, gold.head}
    if len(pair) == 1 and answer.head not in _UNORDERED:
        return _compare_ordered(answer.args, gold.args, prove)
    if pair in ({"list"}, {"set"}, {"union"}, {"list", "set"}):
        return _compare_unordered(answer.args, gold.args, prove)
    if pair == {"list", "tuple"}:
        return _compare_ordered(answer.args, gold.args, prove)
    return Decision(False, "structure", "DIFFERENT_KIND")


def _compare_ordered(answer: Sequence[Node], gold: Sequence[Node], prove: Prover) -> Decision:
    if len(answer) != len(gold):
        return Decision(False, "structure", "DIFFERENT_COUNT")
    decisions: list[Decision] = []
    for left, right in zip(answer, gold, strict=True):
        decisions.append(compare(left, right, prove))
        if not decisions[-1].equal:
            return decisions[-1]
    return _dearest(decisions)


def _compare_unordered(answer: Sequence[Node], gold: Sequence[Node], prove: Prover) -> Decision:
    """Each distinct member of one side has its equal in the other."""
    answer, gold = _distinct(answer), _distinct(gold)
    if len(answer) != len(gold):
        return Decision(False, "structure", "DIFFERENT_COUNT")
    if len(answer) > MAX_ITEMS:
        raise OverBudget("BUDGET_ITEMS")
    remaining, decisions = list(gold), []
    for member in answer:
        found = next(
            ((i, d) for i, d in ((i, compare(member, g, prove)) for i, g in enumerate(remaining)) if d.equal), None
        )
        if found is None:
            return Decision(False, "structure", "MEMBER_WITHOUT_EQUAL")
        remaining.pop(found[0])
        decisions.append(found[1])
    return _dearest(decisions)


def _distinct(items: Sequence[Node]) -> list[Node]:
    return list({canonical(item): item for item in items}.values())


def _dearest(decisions: list[Decision]) -> Decision:
    return max(decisions, key=lambda decision: CHECKS.index(decision.check))
