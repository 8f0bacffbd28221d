"""Sets of real numbers as sorted intervals: `x < 2 or x > 5` is `(-∞, 2) ∪ (5, ∞)` is `ℝ ∖ [2, 5]`.

Endpoints are constants, exact where they are rational, else to 60 digits; a set with a variable endpoint is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import inf

from grpo_core.oracle.exact import Undefined, rational
from grpo_core.oracle.limits import MAX_ITEMS, OverBudget
from grpo_core.oracle.nodes import EMPTY, INFINITY, INTERVALS, REALS, Node, Op, Sym, variables
from grpo_core.oracle.numeric import approximate, is_evaluable

Endpoint = Fraction | float
Interval = tuple[Endpoint, bool, Endpoint, bool]
"""Low, is it in, high, is it in."""
Intervals = tuple[Interval, ...]
_ALL: Intervals = ((-inf, False, inf, False),)
_NAMES_OF_REALS = frozenset(
    {"all real numbers", "all reals", "real numbers", "the set of all real numbers", "all real x"}
)
_NAMES_OF_NOTHING = frozenset(
    {"no solution", "no solutions", "none", "empty set", "no real solutions", "no real solution"}
)
_EQUAL_WITHIN = Fraction(1, 10**45)


def named_set(words: Sequence[str]) -> Node | None:
    name = " ".join(word for word in words if word not in {"the", "there", "is", "are"})
    if name in _NAMES_OF_NOTHING:
        return EMPTY
    return REALS if name in _NAMES_OF_REALS else None


def same_set(answer: Node, gold: Node) -> bool | None:
    """Are both the same set of real numbers? None if one of them is no such set."""
    left = real_set(answer)
    right = real_set(gold) if left is not None else None
    return None if left is None or right is None else _same(left, right)


def _same(left: Intervals, right: Intervals) -> bool:
    return len(left) == len(right) and all(
        a[1] == b[1] and a[3] == b[3] and _equal(a[0], b[0]) and _equal(a[2], b[2])
        for a, b in zip(left, right, strict=True)
    )


def _equal(a: Endpoint, b: Endpoint) -> bool:
    if isinstance(a, float) or isinstance(b, float):
        return a == b
    return abs(a - b) <= _EQUAL_WITHIN * max(abs(a), abs(b))


def real_set(node: Node) -> Intervals | None:
    """The set that an interval, union, set, condition on one variable or list of conditions stands for."""
    if not isinstance(node, Op):
        return None
    if node.head == "reals":
        return _ALL
    if node.head in INTERVALS or (node.head == "tuple" and len(node.args) == 2):
        return _interval(node.args[0], node.args[1], node.head[8:9] == "[", node.head[9:10] == "]")
    if node.head == "set":
        return _points(node.args)
    if node.head in {"union", "intersect", "minus", "add"}:
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
        if head == "union":
            result = _merged((*result, *part))
        else:
            result = _intersection(result, part if head == "intersect" else _complement(part))
    return result


def _conditions(nodes: Sequence[Node]) -> Intervals | None:
    """Conditions on one variable, joined by `and` or `or`: what both say if that is anything, else either."""
    if not 2 <= len(nodes) <= MAX_ITEMS or len({name for node in nodes for name in variables(node)}) != 1:
        return None
    sets = [_condition(node) if isinstance(node, Op) else None for node in nodes]
    if any(part is None for part in sets):
        return None
    known = [part for part in sets if part is not None]
    both = known[0]
    for part in known[1:]:
        both = _intersection(both, part)
    return both or _merged(tuple(interval for part in known for interval in part))


def _condition(node: Op) -> Intervals | None:
    """`x < 2`, `-2 ≤ x < 7`, `x ≠ 2`, `x ∈ S`."""
    if node.head == "in" and isinstance(node.args[0], Sym):
        return real_set(node.args[1])
    if node.head == "ne" and isinstance(node.args[0], Sym) and len(node.args) == 2:
        points = _points(node.args[1:])
        return None if points is None else _complement(points)
    pairs = node.args if node.head == "chain" else (node,) if node.head in {"lt", "le"} else ()
    result: Intervals | None = _ALL if pairs else None
    for pair in pairs:
        sides = pair.args if isinstance(pair, Op) else ()
        for low, high in pairwise(sides):
            half = _half_line(low, high, isinstance(pair, Op) and pair.head == "le")
            result = _intersection(result, half) if result is not None and half is not None else None
    return result


def _half_line(low: Node, high: Node, closed: bool) -> Intervals | None:
    if isinstance(low, Sym) and low.name not in {"pi", "E", "oo"}:
        value = _endpoint(high)
        return None if value is None else ((-inf, False, value, closed),)
    if isinstance(high, Sym) and high.name not in {"pi", "E", "oo"}:
        value = _endpoint(low)
        return None if value is None else ((value, closed, inf, False),)
    return None


def _interval(low: Node, high: Node, low_in: bool, high_in: bool) -> Intervals | None:
    first, last = _endpoint(low), _endpoint(high)
    if first is None or last is None or first > last or (first == last and not (low_in and high_in)):
        return None
    return ((first, low_in and first != -inf, last, high_in and last != inf),)


def _points(nodes: Sequence[Node]) -> Intervals | None:
    values = [_endpoint(node) for node in nodes]
    if len(values) > MAX_ITEMS or any(value is None or value in {inf, -inf} for value in values):
        return None
    return _merged(tuple((value, True, value, True) for value in values if value is not None))


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


def _merged(intervals: Intervals) -> Intervals:
    """Sorted, with those that touch or overlap made one."""
    result: list[Interval] = []
    for low, low_in, high, high_in in sorted(intervals, key=lambda part: (part[0], not part[1])):
        last = result[-1] if result else None
        if last is not None and (low < last[2] or (low == last[2] and (low_in or last[3]))):
            end = max((last[2], last[3]), (high, high_in))
            result[-1] = (last[0], last[1], *end)
        else:
            result.append((low, low_in, high, high_in))
    return tuple(result)


def _complement(intervals: Intervals) -> Intervals:
    result: list[Interval] = []
    low: Endpoint = -inf
    low_in = False
    for first, first_in, last, last_in in intervals:
        if low < first or (low == first and low_in and not first_in):
            result.append((low, low_in, first, not first_in and first != -inf))
        low, low_in = last, not last_in and last != inf
    if low < inf:
        result.append((low, low_in, inf, False))
    return tuple(result)


def _intersection(left: Intervals, right: Intervals) -> Intervals:
    result: list[Interval] = []
    for a in left:
        for b in right:
            low, low_in = max((a[0], not a[1]), (b[0], not b[1]))
            high, high_in = min((a[2], a[3]), (b[2], b[3]))
            if low < high or (low == high and not low_in and high_in):
                result.append((low, not low_in, high, high_in))
    return _merged(tuple(result))
