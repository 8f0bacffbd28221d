"""Do two relations say the same? Equal sides, both brought to `form = 0` and proportional, or the same named value."""

from __future__ import annotations

from grpo_core.oracle.big_operators import substituted
from grpo_core.oracle.exact import Undefined
from grpo_core.oracle.limits import OverBudget
from grpo_core.oracle.nodes import CONSTANTS, Node, Num, Op, Sym, integer, variables
from grpo_core.oracle.polynomial import Polynomial, minus, normal_form, proportion

Ratio = tuple[Node, Node]
"""Numerator and denominator."""
_NAME_PARTS = frozenset({"mul", "inv", "abs", "call", "tuple", "list", "ratio", "prime", "det"})


def is_name(node: Node) -> bool:
    """Does it only name a quantity: letters and their products, ratios, applications, `|AB|`, `V_1:V_2`?"""
    if isinstance(node, Num):
        return False
    if isinstance(node, Sym):
        return node.name not in {"pi", "oo"}
    return node.head == "call" or (node.head in _NAME_PARTS and all(is_name(arg) for arg in node.args))


def same_function(answer: Op, gold: Op) -> bool:
    """`f(x) = …` beside `y = …`: both only name what stands on the right."""
    names = {_kind_of_name(answer.args[0]), _kind_of_name(gold.args[0])}
    return answer.head == gold.head == "eq" and names == {"y", "call"} and len(answer.args) == len(gold.args) == 2


def with_argument_of(answer: Op, gold: Op) -> Op:
    """`f(t) = t^2` as `f(x) = x^2`, if that is how the gold writes it."""
    left, right = answer.args[0], gold.args[0]
    same = isinstance(left, Op) and isinstance(right, Op) and left.head == right.head == "call"
    if not (same and isinstance(left, Op) and isinstance(right, Op) and len(left.args) == len(right.args) == 2):
        return answer
    old, new = left.args[1], right.args[1]
    if left.args[0] != right.args[0] or not (isinstance(old, Sym) and isinstance(new, Sym)) or old == new:
        return answer
    if new.name in variables(answer) or {old.name, new.name} & CONSTANTS:
        return answer
    renamed = substituted(answer, old.name, new)
    return renamed if isinstance(renamed, Op) else answer


def _kind_of_name(node: Node) -> str:
    if node == Sym("y"):
        return "y"
    return "call" if isinstance(node, Op) and node.head == "call" and len(node.args) == 2 else ""


def proportional(answer: Op, gold: Op) -> bool | None:
    """Is one relation a multiple of the other (a positive one, for an inequality)? None if it cannot be told."""
    forms = [_form(relation) for relation in (answer, gold)]
    if forms[0] is None or forms[1] is None:
        return None
    if not forms[0] or not forms[1]:
        return forms[0] == forms[1]
    factor = proportion(forms[0], forms[1])
    if factor is not None:
        return factor > 0 or answer.head in {"eq", "ne"}
    return None if answer.head in {"eq", "ne"} else False


def _form(relation: Op) -> Polynomial | None:
    left, right = (normal_form(side) for side in relation.args)
    return None if left is None or right is None else minus(left, right)


def same_without_fractions(answer: Op, gold: Op) -> bool:
    """`xy = 1` and `y = 1/x`: proportional once both are multiplied by their denominators."""
    forms = []
    for relation in (answer, gold):
        try:
            numerator, _ = _ratio(Op("add", (relation.args[0], Op("neg", (relation.args[1],)))))
            forms.append(normal_form(numerator))
        except (OverBudget, Undefined):
            return False
    if not forms[0] or not forms[1] or variables(answer) != variables(gold):
        return False
    return proportion(forms[0], forms[1]) is not None


def _ratio(node: Node) -> Ratio:
    """The node as one fraction."""
    if not isinstance(node, Op):
        return node, integer(1)
    if node.head == "add":
        numerator, denominator = _ratio(node.args[0])
        for term in node.args[1:]:
            n, d = _ratio(term)
            numerator = Op("add", (Op("mul", (numerator, d)), Op("mul", (n, denominator))))
            denominator = Op("mul", (denominator, d))
        return numerator, denominator
    if node.head == "mul":
        parts = [_ratio(arg) for arg in node.args]
        return Op("mul", tuple(n for n, _ in parts)), Op("mul", tuple(d for _, d in parts))
    if node.head == "neg":
        n, d = _ratio(node.args[0])
        return Op("neg", (n,)), d
    if node.head == "inv":
        n, d = _ratio(node.args[0])
        return d, n
    if node.head == "pow" and node.args[1] == Op("neg", (integer(1),)):
        return _ratio(Op("inv", (node.args[0],)))
    return node, integer(1)


def named_values(node: Node) -> dict[str, Node] | None:
    """`x = 1, y = 2` or `(x, y) = (1, 2)` as {x: 1, y: 2}, if it names two or more different letters."""
    if not isinstance(node, Op):
        return None
    pairs: list[tuple[Node, Node]] = []
    if node.head == "list":
        pairs = [(n.args[0], n.args[1]) for n in node.args if isinstance(n, Op) and n.head == "eq" and len(n.args) == 2]
        if len(pairs) != len(node.args):
            return None
    elif node.head == "eq" and len(node.args) == 2:
        names, values = node.args
        if not (isinstance(names, Op) and isinstance(values, Op) and names.head == values.head == "tuple"):
            return None
        pairs = list(zip(names.args, values.args, strict=False)) if len(names.args) == len(values.args) else []
    found = {name.name: value for name, value in pairs if isinstance(name, Sym)}
    return found if len(found) == len(pairs) >= 2 else None
