"""A tree as SymPy source, for people and for the store: `x**2 - x - 12`, `Rational(3, 4)`. Made without SymPy."""

from __future__ import annotations

from fractions import Fraction

from grpo_core.oracle.nodes import Node, Num, Op, Sym, walk
from grpo_core.oracle.notation import fraction_parts

_SUM, _PRODUCT, _UNARY, _POWER, _ATOM = range(5)
_NAMES = {"ln": "log", "root": "root", "ceil": "ceiling", "abs": "Abs", "min": "Min", "max": "Max"}
_RELATIONS = {"eq": "Eq", "ne": "Ne", "lt": "Lt", "le": "Le"}
_INTERVALS = {"interval[]": "", "interval[)": ", False, True", "interval(]": ", True", "interval()": ", True, True"}


def source(node: Node) -> str:
    """SymPy source of the tree as it was written: nothing is evaluated or reordered."""
    return _write(node)[0]


def _write(node: Node) -> tuple[str, int]:
    """The text and how tightly it binds."""
    if isinstance(node, Num):
        return _number(node.value)
    if isinstance(node, Sym):
        return node.name, _ATOM
    if node.head == "add":
        return _sum(node), _SUM
    if node.head == "mul":
        return _product(node), _PRODUCT
    if node.head == "neg":
        return "-" + _at(node.args[0], _POWER), _UNARY
    if node.head == "inv":
        return f"1/S({_write(node.args[0])[0]})", _PRODUCT
    if node.head == "pow":
        return _power(node), _POWER
    return _applied(node), _ATOM


def _number(value: Fraction) -> tuple[str, int]:
    if value.denominator == 1:
        return str(value.numerator), _ATOM if value >= 0 else _UNARY
    return f"Rational({value.numerator}, {value.denominator})", _ATOM


def _at(node: Node, binding: int) -> str:
    text, own = _write(node)
    return text if own >= binding else f"({text})"


def _sum(node: Op) -> str:
    text = _at(node.args[0], _SUM)
    for term in node.args[1:]:
        negative = isinstance(term, Op) and term.head == "neg"
        inner = term.args[0] if negative and isinstance(term, Op) else term
        text += f" {'-' if negative else '+'} {_at(inner, _PRODUCT)}"
    return text


def _product(node: Op) -> str:
    fraction = fraction_parts(Op("mul", node.args[:2]))
    text = _ratio(*fraction) if fraction else _at(node.args[0], _PRODUCT)
    symbolic = any(isinstance(part, Sym) for part in walk(node))
    for factor in node.args[2 if fraction else 1 :]:
        inverse = isinstance(factor, Op) and factor.head == "inv"
        inner = factor.args[0] if inverse and isinstance(factor, Op) else factor
        # Python's own integers would divide to a float.
        written = f"S({_write(inner)[0]})" if inverse and not symbolic else _at(inner, _POWER)
        text += f"{'/' if inverse else '*'}{written}"
    return text


def _ratio(numerator: Num, denominator: Num) -> str:
    return f"Rational({numerator.value}, {denominator.value})"


def _power(node: Op) -> str:
    base, exponent = node.args
    written = f"S({_write(base)[0]})" if isinstance(base, Num) and not isinstance(exponent, Num) else _at(base, _ATOM)
    return f"{written}**{_at(exponent, _ATOM)}"


def _applied(node: Op) -> str:
    args = [_write(arg)[0] for arg in node.args]
    joined = ", ".join(args)
    if node.head == "text":
        return repr(args[0])
    if node.head in _RELATIONS and len(args) == 2:
        return f"{_RELATIONS[node.head]}({joined})"
    if node.head in {"chain", "or"}:
        return f"{'And' if node.head == 'chain' else 'Or'}({joined})"
    if node.head in _RELATIONS:
        return f"{_RELATIONS[node.head]}({joined})"
    if node.head in _INTERVALS:
        return f"Interval({joined}{_INTERVALS[node.head]})"
    if node.head == "call":
        return f"{args[0]}({', '.join(args[1:])})"
    if node.head in {"tuple", "list", "ratio", "base"}:
        return f"Tuple({joined})"
    if node.head in {"matrix", "row"}:
        return f"Matrix([{joined}])" if node.head == "matrix" else f"[{joined}]"
    if node.head in {"set", "union", "diff"}:
        return f"{ {'set': 'FiniteSet', 'union': 'Union', 'diff': 'diff'}[node.head] }({joined})"
    if node.head == "quantity":
        return args[0]
    if node.head in {"percent", "degree"}:
        return f"{_at(node.args[0], _POWER)}*{'Rational(1, 100)' if node.head == 'percent' else 'pi/180'}"
    return f"{_NAMES.get(node.head, node.head)}({joined})"
