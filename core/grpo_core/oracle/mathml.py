"""A tree as presentation MathML, which browsers draw by themselves: nested lists `[tag, child, …]`, texts as strings.

As it was written: nothing is evaluated or reordered. Made without SymPy. A screen makes elements of the lists; the tags
are those of `TAGS`, and no attribute is ever needed.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from grpo_core.oracle.latex import needs_dot
from grpo_core.oracle.nodes import INTERVALS, Node, Num, Op, Sym
from grpo_core.oracle.numerals import decimal_text
from grpo_core.oracle.pretty import CONSTANTS, GREEK, NUMBER_SETS

MathML = list[Any]
TAGS = frozenset(
    {
        *("mrow", "mn", "mi", "mo", "mtext", "mfrac", "msup", "msub", "msubsup", "msqrt", "mroot"),
        *("mtable", "mtr", "mtd", "munder", "munderover"),
    }
)

_SUM, _PRODUCT, _UNARY, _POWER, _ATOM = range(5)
_SIGNS = {"eq": "=", "ne": "≠", "lt": "<", "le": "≤", "in": "∈", "chain": ",", "or": "or"}
_SIGNS |= {"union": "∪", "intersect": "∩", "minus": "∖", "ratio": ":", "pm": "±", "mp": "∓"}
_FENCES = {"abs": "||", "floor": "⌊⌋", "ceiling": "⌈⌉", "ceil": "⌈⌉", "set": "{}", "tuple": "()"}
_MARKS = {"factorial": "!", "factorial2": "!!", "percent": "%", "degree": "°", "prime": "′"}
_BIG = {"sum": "∑", "product": "∏"}


def mathml(node: Node) -> MathML:
    return _write(node)[0]


def _write(node: Node) -> tuple[MathML, int]:
    """The element and how tightly it binds."""
    if isinstance(node, Num):
        return _number(node)
    if isinstance(node, Sym):
        return _symbol(node.name), _ATOM
    if node.head == "add":
        return _sum(node), _SUM
    if node.head in {"mul", "inv"}:
        return _product(node.args if node.head == "mul" else (node,))
    if node.head == "neg":
        return _row(_sign("−"), _at(node.args[0], _PRODUCT)), _UNARY
    if node.head == "pow":
        return ["msup", _at(node.args[0], _ATOM), mathml(node.args[1])], _POWER
    if node.head in _MARKS:
        return _row(_at(node.args[0], _ATOM), _sign(_MARKS[node.head])), _POWER
    return _applied(node), _ATOM


def _number(number: Num) -> tuple[MathML, int]:
    value = number.value
    sign = [_sign("−")] if value < 0 else []
    if value.denominator == 1 or number.digits:
        size: MathML = ["mn", decimal_text(number).removeprefix("-")]
    else:
        size = ["mfrac", ["mn", str(abs(value.numerator))], ["mn", str(value.denominator)]]
    return _row(*sign, size), _UNARY if sign else _ATOM


def _symbol(name: str) -> MathML:
    letter, _, subscript = name.partition("_")
    shown: MathML = ["mi", CONSTANTS.get(name) or GREEK.get(letter, letter)]
    return ["msub", shown, ["mi", subscript]] if subscript else shown


def _at(node: Node, binding: int) -> MathML:
    element, own = _write(node)
    return element if own >= binding else _fenced("()", element)


def _sum(node: Op) -> MathML:
    parts = [_at(node.args[0], _SUM)]
    for term in node.args[1:]:
        negative = isinstance(term, Op) and term.head == "neg"
        inner = term.args[0] if negative and isinstance(term, Op) else term
        parts += [_sign("−" if negative else "+"), _at(inner, _PRODUCT)]
    return _row(*parts)


def _product(factors: tuple[Node, ...]) -> tuple[MathML, int]:
    below = [f.args[0] for f in factors if isinstance(f, Op) and f.head == "inv"]
    above = [f for f in factors if not (isinstance(f, Op) and f.head == "inv")]
    if below:
        return ["mfrac", _factors(above), _factors(below)], _ATOM
    return _factors(above), _PRODUCT


def _factors(factors: list[Node]) -> MathML:
    if len(factors) < 2:
        return mathml(factors[0]) if factors else ["mn", "1"]
    parts = [_at(factors[0], _UNARY)]
    for before, factor in pairwise(factors):
        parts += [*([_sign("·")] if needs_dot(before, factor) else []), _at(factor, _POWER)]
    return _row(*parts)


def _applied(node: Op) -> MathML:
    args = [mathml(arg) for arg in node.args]
    if node.head in _FENCES:
        return _fenced(_FENCES[node.head], _joined(args, ","))
    if node.head == "list":
        return _joined(args, ",")
    if node.head in INTERVALS:
        return _fenced(node.head[8] + node.head[9], _joined(args, ","))
    if node.head in _SIGNS:
        return _joined([_at(arg, _PRODUCT) for arg in node.args], _SIGNS[node.head])
    if node.head in {"matrix", "cases"}:
        return _fenced("()" if node.head == "matrix" else "{", ["mtable", *map(_table_row, node.args)])
    return _special(node, args)


def _table_row(row: Node) -> MathML:
    cells = row.args if isinstance(row, Op) and row.head in {"row", "case"} else (row,)
    return ["mtr", *(["mtd", mathml(cell)] for cell in cells)]


def _special(node: Op, args: list[MathML]) -> MathML:
    head = node.head
    if head == "sqrt":
        return ["msqrt", args[0]]
    if head == "root":
        return ["mroot", args[0], args[1]]
    if head == "binomial":
        return _fenced("()", ["mtable", *(["mtr", ["mtd", arg]] for arg in args)])
    if head in {"reals", "numbers"}:
        return ["mi", NUMBER_SETS.get(_name(node.args[0]) if node.args else "R", "ℝ")]
    if head == "text":
        return ["mtext", _name(node.args[0])]
    if head == "quantity":
        return args[0]
    if head == "base":
        return ["msub", args[0], ["mn", "10"]]
    if head == "mod":
        return _row(args[0], _fenced("()", _row(["mi", "mod"], args[1])))
    if head == "clock":
        return ["mtext", f"{_name(node.args[0])}:{_name(node.args[1]):0>2} {_name(node.args[2])}".strip()]
    if head == "call":
        return _row(args[0], _fenced("()", _joined(args[1:], ",")))
    if head in {"integral", "limit", *_BIG}:
        return _big(head, args)
    return _row(["mi", head], _fenced("()", _joined(args, ",")))


def _big(head: str, args: list[MathML]) -> MathML:
    if head == "integral":
        sign: MathML = ["msubsup", _sign("∫"), args[2], args[3]] if len(args) == 4 else _sign("∫")
        return _row(sign, args[1], ["mi", "d"], args[0])
    if head == "limit":
        return _row(["munder", ["mi", "lim"], _joined(args[:2], "→")], args[2])
    return _row(["munderover", _sign(_BIG[head]), _joined(args[:2], "="), args[2]], args[3])


def _name(node: Node) -> str:
    """A leaf that stands for a text."""
    if isinstance(node, Sym):
        return node.name
    return str(node.value) if isinstance(node, Num) else ""


def _row(*parts: MathML) -> MathML:
    return parts[0] if len(parts) == 1 else ["mrow", *parts]


def _sign(text: str) -> MathML:
    return ["mo", text]


def _fenced(fence: str, element: MathML) -> MathML:
    return ["mrow", _sign(fence[0]), element, *([_sign(fence[1])] if len(fence) > 1 else [])]


def _joined(parts: list[MathML], sign: str) -> MathML:
    row: MathML = ["mrow"]
    for part in parts:
        row += [_sign(sign), part] if len(row) > 1 else [part]
    return row
