"""Sets of real numbers as sorted intervals: `x < 2 or x > 5` is `(-∞, 2) ∪ (5, ∞)` is `ℝ ∖ [2, 5]`.

Endpoints are constants, exact where they are rational, else to 60 digits; a set with a variable endpoint is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import inf

from grpo_core.oracle.exact import Undefined, rational
from grpo_core.oracle.inequalities import solutions, zeros_and_poles
from grpo_core.oracle.intervals import ALL, Endpoint, Intervals, complement, intersection, merged, same
from grpo_core.oracle.limits import MAX_ITEMS, OverBudget
from grpo_core.oracle.nodes import CONSTANTS, EMPTY, INFINITY, INTERVALS, REALS, Node, Op, Sym, variables
from grpo_core.oracle.numeric import approximate, is_evaluable

_NAMES_OF_REALS = frozenset(
    {"all real numbers", "all reals", "real numbers", "set of all real numbers", "all real x", "all real numbers x"}
    | {
        "any real number",
        "every real number",
        "all real values",
        "all real values of x",
        "reals",
        "all x",
        "any real x",
    }
)
_NAMES_OF_NOTHING = frozenset(
    {"no solution", "no solutions", "none", "empty set", "no real solutions", "no real solution"}
)


def named_set(words: Sequence[str]) -> Node | None:
    name = " ".join(word for word in words if word not in {"the", "there", "is", "are"})
    if name in _NAMES_OF_NOTHING:
        return EMPTY
    if name in {"all integers", "integers", "set of integers", "any integer", "set of all integers"}:
        return Op("numbers", (Sym("Z"),))
    return REALS if name in _NAMES_OF_REALS else None


def same_set(answer: Node, gold: Node) -> bool | None:
    """Are both the same set of real numbers? None if one of them is no such set."""
    left = real_set(answer)
    right = real_set(gold) if left is not None else None
    return None if left is None or right is None else same(left, right)


def real_set(node: Node) -> Intervals | None:
    """The set that an interval, union, set, condition on one variable or list of conditions stands for."""
    if not isinstance(node, Op):
        return None
    if node.head == "reals":
        return ALL
    if node.head in INTERVALS or (node.head == "tuple" and len(node.args) == 2):
        return _interval(node.args[0], node.args[1], node.head[8:9] == "[", node.head[9:10] == "]")
    if node.head == "set":
        return _points(node.args)
    if node.head in {"union", "or", "intersect", "minus", "add"}:
        return _combined(node)
    if node.head == "list":
        return _conditions(node.args)
    return _condition(node)


def _combined(node: Op) -> Intervals | None:
    head, args = node.head, node.args
    if head == "add":
        if len(args) != 2 or not isinstance(args[1], Op) or args[1].head != "neg":
            return None
        head, args = "minus", (args[0], args[1].args[0])
    sets = [real_set(arg) for arg in args]
    if any(part is None for part in sets) or len(sets) > MAX_ITEMS:
        return None
    known = [part for part in sets if part is not None]
    result = known[0]
    for part in known[1:]:
        if head in {"union", "or"}:
            result = merged((*result, *part))
        else:
            result = intersection(result, part if head == "intersect" else complement(part))
    return result


def are_inequalities(nodes: Sequence[Node]) -> bool:
    """Of one and the same variable, so that `or` between them means the union."""
    heads = {node.head if isinstance(node, Op) else "" for node in nodes}
    return heads <= {"lt", "le", "chain", "in"} and len({name for node in nodes for name in variables(node)}) == 1


def _conditions(nodes: Sequence[Node]) -> Intervals | None:
    """Conditions on one variable, joined by `and` or a comma: what both say if that is anything, else either."""
    if not 2 <= len(nodes) <= MAX_ITEMS or len({name for node in nodes for name in variables(node)}) != 1:
        return None
    sets = [_condition(node) if isinstance(node, Op) else None for node in nodes]
    if any(part is None for part in sets):
        return None
    known = [part for part in sets if part is not None]
    both = known[0]
    for part in known[1:]:
        both = intersection(both, part)
    return both or merged(tuple(interval for part in known for interval in part))


def _condition(node: Op) -> Intervals | None:
    """`x < 2`, `-2 ≤ x < 7`, `x ≠ 2`, `x ∈ S`, `x^2 < 4`."""
    if node.head == "in" and isinstance(node.args[0], Sym):
        return real_set(node.args[1])
    if node.head == "ne" and len(node.args) == 2:
        points = _points(node.args[1:]) if isinstance(node.args[0], Sym) else zeros_and_poles(*node.args)
        return None if points is None else complement(points)
    pairs = node.args if node.head == "chain" else (node,) if node.head in {"lt", "le"} else ()
    result: Intervals | None = ALL if pairs else None
    for pair in pairs:
        sides = pair.args if isinstance(pair, Op) else ()
        for low, high in pairwise(sides):
            half = _half_line(low, high, isinstance(pair, Op) and pair.head == "le")
            result = intersection(result, half) if result is not None and half is not None else None
    return result


def _half_line(low: Node, high: Node, closed: bool) -> Intervals | None:
    if _is_variable(low) and not variables(high):
        value = _endpoint(high)
        return None if value is None else ((-inf, False, value, closed),)
    if _is_variable(high) and not variables(low):
        value = _endpoint(low)
        return None if value is None else ((value, closed, inf, False),)
    return solutions(low, high, closed)


def _is_variable(node: Node) -> bool:
    return isinstance(node, Sym) and node.name not in CONSTANTS


def _interval(low: Node, high: Node, low_in: bool, high_in: bool) -> Intervals | None:
    first, last = _endpoint(low), _endpoint(high)
    if first is None or last is None or first > last or (first == last and not (low_in and high_in)):
        return None
    return ((first, low_in and first != -inf, last, high_in and last != inf),)


def _points(nodes: Sequence[Node]) -> Intervals | None:
    values = [_endpoint(node) for node in nodes]
    if len(values) > MAX_ITEMS or any(value is None or value in {inf, -inf} for value in values):
        return None
    return merged(tuple((value, True, value, True) for value in values if value is not None))


def _endpoint(node: Node) -> Endpoint | None:
    if node == INFINITY:
        return inf
    if node == Op("neg", (INFINITY,)):
        return -inf
    if variables(node) or not is_evaluable(node):
        return None
    try:
        exact = rational(node)
    except (Undefined, OverBudget):
        return None
    return approximate(node) if exact is None else exact
