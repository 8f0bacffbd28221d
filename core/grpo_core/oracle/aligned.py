"""Notation that says the same: dropping from one side what the other leaves out, before the two are compared.

The name before `=`, the variable of an inequality, the brackets of a vector.
"""

from __future__ import annotations

from grpo_core.oracle.nodes import (
    COLLECTIONS,
    IMAGINARY,
    INFINITY,
    INTERVALS,
    RELATIONS,
    Node,
    Num,
    Op,
    Sym,
    heads,
    integer,
    variables,
)
from grpo_core.oracle.polynomial import normal_form
from grpo_core.oracle.relations import is_name


def kind_of(node: Node) -> str:
    if isinstance(node, Op) and (node.head in RELATIONS or node.head == "chain"):
        return "relation"
    return "collection" if isinstance(node, Op) and node.head in COLLECTIONS else "value"


def head_of(node: Node) -> str:
    return node.head if isinstance(node, Op) else ""


def aligned(answer: Node, gold: Node) -> tuple[Node, Node]:
    """Drop from one side what the other leaves out: the name before `=`, the variable of an inequality."""
    if kind_of(answer) != kind_of(gold) or "list" in {head_of(answer), head_of(gold)}:
        answer, gold = _said(answer, gold), _said(gold, answer)
    if {head_of(answer), head_of(gold)} & {"in"} and head_of(answer) != head_of(gold):
        answer, gold = _said(answer, Sym("")), _said(gold, Sym(""))
    if {kind_of(answer), kind_of(gold)} == {"relation", "collection"} and "list" not in {
        head_of(answer),
        head_of(gold),
    }:
        answer, gold = _as_interval(answer), _as_interval(gold)
    answer, gold = _as_member(answer, gold), _as_member(gold, answer)
    answer, gold = _as_union(answer, gold), _as_union(gold, answer)
    answer, gold = _as_vector(answer, gold), _as_vector(gold, answer)
    return _as_matrix(answer, gold), _as_matrix(gold, answer)


def _as_member(node: Node, beside: Node) -> Node:
    """`{5}` as 5, beside a value."""
    single = isinstance(node, Op) and node.head == "set" and len(node.args) == 1 and kind_of(beside) == "value"
    return node.args[0] if single and isinstance(node, Op) and kind_of(node.args[0]) == "value" else node


def _as_union(node: Node, beside: Node) -> Node:
    """`(-∞, 1), [2, ∞)` as a union, beside one."""
    if not (isinstance(node, Op) and node.head == "list" and head_of(beside) == "union"):
        return node
    return Op("union", node.args) if all(head_of(arg) in INTERVALS | {"tuple", "set"} for arg in node.args) else node


def _said(node: Node, beside: Node) -> Node:
    """What an equation says, if the other side is no relation."""
    if not isinstance(node, Op) or kind_of(beside) == "relation":
        return node
    if node.head == "eq" and (is_name(node.args[0]) or _is_derivation(node)):
        return node.args[-1]
    if node.head == "eq" and (_is_identity(node) or not any(_has_names(side) for side in node.args)):
        return node.args[-1]
    if node.head == "in" and is_name(node.args[0]):
        return node.args[1]
    if node.head == "list" and head_of(node.args[0]) == "eq" and all(kind_of(n) == "value" for n in node.args[1:]):
        return Op("list", (_said(node.args[0], Sym("")), *node.args[1:]))
    return node


def _is_derivation(equation: Op) -> bool:
    """Three or more sides that end in a constant, `3x + y = 3 + 4 = 7`: what it says is that constant."""
    return len(equation.args) > 2 and not variables(equation.args[-1])


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


def _as_interval(node: Node) -> Node:
    """`-2 ≤ x ≤ 7` as [-2, 7], `x ≥ 5` as [5, ∞)."""
    if not isinstance(node, Op) or node.head not in {"lt", "le", "chain"}:
        return node
    if node.head == "chain":
        (first, second), others = [pair.args if isinstance(pair, Op) else () for pair in node.args][:2], node.args[2:]
        if others or not _is_bounded_name(first[1]):
            return node
        return _interval(first[0], second[1], *(isinstance(p, Op) and p.head == "le" for p in node.args[:2]))
    closed = node.head == "le"
    if len(node.args) == 3 and _is_bounded_name(node.args[1]):
        return _interval(node.args[0], node.args[2], closed, closed)
    if len(node.args) == 2 and _is_bounded_name(node.args[1]):
        return _interval(node.args[0], INFINITY, closed, False)
    if len(node.args) == 2 and _is_bounded_name(node.args[0]):
        return _interval(Op("neg", (INFINITY,)), node.args[1], False, closed)
    return node


def _is_bounded_name(node: Node) -> bool:
    """`|x| < 2` bounds x on both sides, so `|x|` is no name here."""
    return is_name(node) and "abs" not in heads(node)


def _interval(low: Node, high: Node, low_closed: bool, high_closed: bool) -> Op:
    head = f"interval{'[' if low_closed else '('}{']' if high_closed else ')'}"
    return Op("tuple" if head == "interval()" else head, (low, high))


def _as_matrix(node: Node, beside: Node) -> Node:
    """`[[1,2],[3,4]]` beside a matrix, and `[2,-3]` beside a column, as a matrix."""
    if head_of(beside) != "matrix" or not isinstance(node, Op) or node.head not in {"interval[]", "tuple"}:
        return node
    if all(isinstance(arg, Op) and arg.head in {"interval[]", "tuple"} for arg in node.args):
        return Op("matrix", tuple(Op("row", arg.args) for arg in node.args if isinstance(arg, Op)))
    return Op("matrix", tuple(Op("row", (arg,)) for arg in node.args))


def _unit_vectors(node: Node, size: int) -> Node:
    """`2i - 3j` as (2, -3), beside a tuple of two or three."""
    form = normal_form(node) if size in {2, 3} and "j" in variables(node) else None
    if form is None or not variables(node) <= {"j", "k"}:
        return node
    axes = [((axis, 1),) for axis in (IMAGINARY.name, "j", "k")[:size]]
    if not form.keys() <= set(axes):
        return node
    return Op("tuple", tuple(Num(form.get(axis, integer(0).value)) for axis in axes))


def _as_vector(node: Node, beside: Node) -> Node:
    """A matrix of one row or column, or a sum of unit vectors, as a tuple, beside a tuple."""
    if head_of(beside) == "tuple" and isinstance(beside, Op) and kind_of(node) == "value":
        return _unit_vectors(node, len(beside.args))
    if head_of(beside) == "matrix" and isinstance(beside, Op) and "j" in variables(node) and kind_of(node) == "value":
        vector = _unit_vectors(node, len(beside.args))
        return (
            Op("matrix", tuple(Op("row", (n,)) for n in vector.args))
            if head_of(vector) == "tuple" and isinstance(vector, Op)
            else node
        )
    if not (isinstance(node, Op) and node.head == "matrix" and head_of(beside) == "tuple"):
        return node
    rows = [row.args for row in node.args if isinstance(row, Op)]
    if len(rows) == 1:
        return Op("tuple", rows[0])
    return Op("tuple", tuple(row[0] for row in rows)) if all(len(row) == 1 for row in rows) else node
