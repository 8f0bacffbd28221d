"""The oracle's own tree of a mathematical text: three frozen kinds of node, and their JSON.

It is what the grammar makes, what every cheap check works on, and what crosses to a worker process. No SymPy here.

Heads of `Op`:
`add mul neg inv pow` arithmetic · `sqrt sin … factorial abs` functions · `call` (name, arguments…) · `diff` (of, by) ·
`sum product` (variable, low, high, body) · `integral` (variable, body[, low, high]) · `limit` (variable, point, body) ·
`tuple list set interval[) … union intersect minus reals numbers matrix row cases case` collections ·
`eq ne lt le in` relations of two or more sides · `quantity` (value, size, dimension) · `clock` (hour, minute, half) ·
`base` (value, base) · `mod` (residue, modulus) · `pm mp percent degree ratio text` notation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any


@dataclass(frozen=True, slots=True)
class Num:
    """An exact rational. `digits`: significant digits as written of a decimal (`2.50` has 3), 0 if it has no point."""

    value: Fraction
    digits: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Sym:
    """A variable, or one of the constants `pi`, `E`, `I` and `oo` under SymPy's names."""

    name: str


@dataclass(frozen=True, slots=True)
class Op:
    """An operation on nodes; the module's docstring lists the heads."""

    head: str
    args: tuple[Node, ...]


Node = Num | Sym | Op

PI, EULER, IMAGINARY, INFINITY = Sym("pi"), Sym("E"), Sym("I"), Sym("oo")
CONSTANTS = frozenset({"pi", "E", "I", "oo"})
EMPTY, REALS = Op("set", ()), Op("reals", ())
RELATIONS = frozenset({"eq", "ne", "lt", "le", "in"})
INTERVALS = frozenset({"interval[]", "interval[)", "interval(]", "interval()"})
SETS = frozenset({"set", "union", "intersect", "minus", "reals", "numbers"}) | INTERVALS
COLLECTIONS = SETS | {"tuple", "list", "or", "matrix", "row", "ratio", "text", "clock", "cases", "case", "quantity"}


def integer(value: int) -> Num:
    return Num(Fraction(value))


def walk(node: Node) -> Iterator[Node]:
    """Every node of the tree, parents first, without recursion."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        if isinstance(current, Op):
            pending.extend(current.args)


def variables(node: Node) -> frozenset[str]:
    """Names of the free variables, constants left out."""
    return frozenset(n.name for n in walk(node) if isinstance(n, Sym) and n.name not in CONSTANTS)


def heads(node: Node) -> frozenset[str]:
    return frozenset(n.head for n in walk(node) if isinstance(n, Op))


def to_json(node: Node) -> Any:
    """Nested lists: `["n", "3/4"]`, `["s", "x"]`, `["add", …]`."""
    if isinstance(node, Num):
        return ["n", str(node.value)]
    if isinstance(node, Sym):
        return ["s", node.name]
    return [node.head, *(to_json(arg) for arg in node.args)]


def from_json(data: Any) -> Node:
    head, *rest = data
    if head == "n":
        return Num(Fraction(rest[0]))
    if head == "s":
        return Sym(str(rest[0]))
    return Op(str(head), tuple(from_json(item) for item in rest))
