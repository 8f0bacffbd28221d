"""Notation that stands for something else in the tree: mixed numbers, ± as the two values that it means, and macros
that the grammar does not know."""

from __future__ import annotations

from grpo_core.oracle.limits import Unreadable
from grpo_core.oracle.nodes import Node, Num, Op, Sym, heads, walk


def flat(head: str, left: Node, right: Node) -> Op:
    """`left + right` as one sum of many terms (so too products and unions): long chains stay shallow."""
    if isinstance(left, Op) and left.head == head:
        return Op(head, (*left.args, right))
    return Op(head, (left, right))


def mixed_number(whole: Node, fraction: Node) -> Node | None:
    """`2` beside `1/4` is 9/4, if the fraction is proper; None if it is no mixed number."""
    parts = fraction_parts(fraction)
    if parts is None or not isinstance(whole, Num) or whole.digits or whole.value.denominator != 1:
        return None
    numerator, denominator = parts
    if not 0 < numerator.value < denominator.value:
        return None
    return Num(whole.value + numerator.value / denominator.value)


def fraction_parts(node: Node) -> tuple[Num, Num] | None:
    """Numerator and denominator of a fraction of two whole numerals."""
    if not (isinstance(node, Op) and node.head == "mul" and len(node.args) == 2):
        return None
    numerator, inverse = node.args
    if not (isinstance(inverse, Op) and inverse.head == "inv"):
        return None
    denominator = inverse.args[0]
    if isinstance(numerator, Num) and isinstance(denominator, Num) and not (numerator.digits or denominator.digits):
        return numerator, denominator
    return None


def spread_signs(node: Node) -> Node:
    """`1 ± √19` becomes the list of both values; upper signs belong together, `∓` takes the other one."""
    if not heads(node) & {"pm", "mp"}:
        return node
    if isinstance(node, Op) and node.head in {"list", "set"}:
        spread = [spread_signs(item) for item in node.args]
        return Op(node.head, tuple(member for item in spread for member in _members(item)))
    return Op("list", (_signed(node, True), _signed(node, False)))


def _members(node: Node) -> tuple[Node, ...]:
    return node.args if isinstance(node, Op) and node.head == "list" else (node,)


def _signed(node: Node, upper: bool) -> Node:
    if not isinstance(node, Op):
        return node
    args = tuple(_signed(arg, upper) for arg in node.args)
    if node.head not in {"pm", "mp"}:
        return Op(node.head, args)
    left, right = args
    return Op("add", (left, right if upper == (node.head == "pm") else Op("neg", (right,))))


def unknown_macro(node: Node) -> str:
    """A macro in the tree that the grammar does not know, or nothing. Only a side of a chain that something else
    follows (`1 = \\zzz = x = 0`) may hold one."""
    return next((part.name for part in walk(node) if isinstance(part, Sym) and part.name.startswith("\\")), "")


def known(node: Node) -> Node:
    """The tree itself; raises `Unreadable` if a macro in it is not known."""
    if macro := unknown_macro(node):
        raise Unreadable(f"The command {macro} is not known.")
    return node
