"""Sums, products, integrals and limits: finding their variable, and writing finite sums out."""

from __future__ import annotations

from grpo_core.oracle.exact import Undefined, rational
from grpo_core.oracle.limits import MAX_SUM_NODES, MAX_SUM_TERMS, OverBudget
from grpo_core.oracle.nodes import IMAGINARY, INFINITY, Node, Op, Sym, heads, integer, variables, walk

_BINDING = frozenset({"sum", "product", "integral", "limit"})
_UNKNOWN, _INDEX_I = Sym(""), Sym("i")


def big_operator(head: str, low: Node | None, high: Node | None, body: Node) -> Op:
    """`sum`/`product` (variable, low, high, body), `integral` (variable, body[, low, high]), `limit` (variable, point,
    body); what has no bounds that could be read keeps its parts as they stand."""
    if isinstance(low, Op) and low.args[:1] == (IMAGINARY,):
        low, body = Op(low.head, (_INDEX_I, *low.args[1:])), _with_index(body)
    if isinstance(low, Op) and low.args and _is_index(low.args[0], body):
        return Op(head, (_UNKNOWN, low, high or _UNKNOWN, body))
    if head == "integral":
        return _integral(low, high, body)
    if head == "limit":
        return Op(head, (*_limit_bounds(low), body))
    if isinstance(low, Op) and low.head == "eq" and isinstance(low.args[0], Sym) and high is not None:
        return Op(head, (low.args[0], low.args[1], high, body))
    return Op(head, (_UNKNOWN, low or _UNKNOWN, high or _UNKNOWN, body))


def _with_index(node: Node) -> Node:
    """The body of a sum over i, where i is no imaginary unit."""
    if node == IMAGINARY:
        return _INDEX_I
    return Op(node.head, tuple(map(_with_index, node.args))) if isinstance(node, Op) else node


def _is_index(variable: Node, body: Node) -> bool:
    """Does the variable stand in a subscript (`a_k`), where substituting cannot reach it?"""
    name = variable.name if isinstance(variable, Sym) else ""
    return any(isinstance(n, Sym) and name in n.name.partition("_")[2] for n in walk(body)) if name else False


def _limit_bounds(low: Node | None) -> tuple[Node, Node]:
    if isinstance(low, Op) and low.head == "to":
        return low.args[0], low.args[1]
    return low or _UNKNOWN, _UNKNOWN


def _integral(low: Node | None, high: Node | None, body: Node) -> Op:
    bounds = (low, high) if low is not None and high is not None else ()
    terms = list(body.args) if isinstance(body, Op) and body.head == "add" else [body]
    found = _without_differential(terms[-1])
    if found is None:
        return Op("integral", (_UNKNOWN, body, *bounds))
    variable, terms[-1] = found
    return Op("integral", (variable, terms[0] if len(terms) == 1 else Op("add", tuple(terms)), *bounds))


def _without_differential(term: Node) -> tuple[Sym, Node] | None:
    """`x^2 d x` as the variable x and x^2."""
    if not (isinstance(term, Op) and term.head == "mul" and len(term.args) >= 2):
        return None
    *factors, d, variable = term.args
    if d != Sym("d") or not isinstance(variable, Sym):
        return None
    rest = Op("mul", tuple(factors)) if len(factors) > 1 else factors[0] if factors else integer(1)
    return variable, rest


def substituted(node: Node, name: str, value: Node) -> Node:
    if isinstance(node, Sym):
        return value if node.name == name else node
    if not isinstance(node, Op):
        return node
    return Op(node.head, tuple(substituted(arg, name, value) for arg in node.args))


def with_bound_names(node: Node, depth: int = 0) -> Node:
    """The tree with the variables that sums, products and definite integrals bind named by how deep they stand."""
    if not isinstance(node, Op) or not heads(node) & _BINDING:
        return node
    if node.head in _BINDING and isinstance(node.args[0], Sym) and node.args[0] != _UNKNOWN and len(node.args) > 2:
        variable, bound = node.args[0], Sym(f"bound_{depth}")
        place = 1 if node.head == "integral" else len(node.args) - 1
        args = [with_bound_names(arg, depth + 1) for arg in node.args[1:]]
        args[place - 1] = substituted(args[place - 1], variable.name, bound)
        return Op(node.head, (bound, *args))
    return Op(node.head, tuple(with_bound_names(arg, depth + 1) for arg in node.args))


def unfolded(node: Node) -> Node:
    """The tree with every sum and product between whole bounds written out. Raises `OverBudget` for long ones."""
    if not isinstance(node, Op) or not heads(node) & {"sum", "product"}:
        return node
    args = tuple(unfolded(arg) for arg in node.args)
    if node.head not in {"sum", "product"}:
        return Op(node.head, args)
    variable, low, high, body = args
    first, last = _whole(low), _whole(high)
    if not isinstance(variable, Sym) or variable == _UNKNOWN or first is None or last is None:
        return Op(node.head, args)
    count = last - first + 1
    if count > MAX_SUM_TERMS or count * sum(1 for _ in walk(body)) > MAX_SUM_NODES:
        raise OverBudget("BUDGET_SUM")
    if count <= 0:
        return integer(0 if node.head == "sum" else 1)
    terms = tuple(substituted(body, variable.name, integer(k)) for k in range(first, last + 1))
    return Op("add" if node.head == "sum" else "mul", terms)


def _whole(node: Node) -> int | None:
    try:
        value = rational(node)
    except Undefined:
        return None
    return int(value) if value is not None and value.denominator == 1 else None


def at_whole_numbers(left: Node, right: Node) -> list[tuple[Node, Node]]:
    """Both sides with the one variable of their bounds set to 1, 2, …, and all sums written out; empty where no bound
    has one, or something else remains to be summed."""
    bounds = [n.args[1:3] for side in (left, right) for n in walk(side) if isinstance(n, Op) and n.head in _FINITE]
    names = {name for pair in bounds for bound in pair for name in variables(bound)}
    if len(names) != 1 or any(INFINITY in walk(bound) for pair in bounds for bound in pair):
        return []
    (name,) = names
    pairs = [(unfolded(substituted(left, name, n)), unfolded(substituted(right, name, n))) for n in _WHOLE_NUMBERS]
    return [] if any(heads(side) & _BINDING for pair in pairs for side in pair) else pairs


_FINITE = frozenset({"sum", "product"})
_WHOLE_NUMBERS = tuple(map(integer, (1, 2, 3, 4, 6, 9, 14)))
