"""Matrix arithmetic on trees: sums, products, powers, transposes, determinants and inverses, entry by entry."""

from __future__ import annotations

from itertools import chain, islice

from grpo_core.oracle.exact import Undefined, rational
from grpo_core.oracle.limits import MAX_MATRIX_NODES, MAX_MATRIX_POWER, MAX_MATRIX_SIDE, OverBudget
from grpo_core.oracle.nodes import Node, Num, Op, Sym, heads, integer, walk

Rows = list[list[Node]]
_LARGEST_EXPANDED = 4
"""Side of a matrix whose determinant is expanded."""


def evaluated(node: Node) -> Node:
    """The tree with its matrix arithmetic done; what does not fit together stays as written."""
    if not isinstance(node, Op) or "matrix" not in heads(node):
        return node
    if node.head == "matrix":
        return node
    node = Op(node.head, tuple(evaluated(arg) for arg in node.args))
    if node.head == "add":
        return _sum(node)
    if node.head == "neg":
        return _scaled(node, integer(-1), node.args[0])
    if node.head == "mul":
        return _product(node)
    if node.head == "pow":
        return _power(node)
    if node.head == "det" or (node.head == "abs" and _rows(node.args[0])):
        rows = _rows(node.args[0])
        return node if rows is None else _determinant(rows) or node
    return node


def _rows(node: Node) -> Rows | None:
    if not (isinstance(node, Op) and node.head == "matrix"):
        return None
    rows = [list(row.args) for row in node.args if isinstance(row, Op)]
    if len({len(row) for row in rows}) != 1:
        return None
    if max(len(rows), len(rows[0])) > MAX_MATRIX_SIDE:
        raise OverBudget("BUDGET_MATRIX")
    return rows


def _matrix(rows: Rows) -> Op:
    """Raises `OverBudget` before a matrix is made whose entries have grown too large: they double at each product."""
    nodes = chain.from_iterable(walk(entry) for row in rows for entry in row)
    if next(islice(nodes, MAX_MATRIX_NODES, None), None) is not None:
        raise OverBudget("BUDGET_MATRIX")
    return Op("matrix", tuple(Op("row", tuple(_simple(entry) for entry in row)) for row in rows))


def _simple(entry: Node) -> Node:
    """Rational entries as one number, so that repeated products stay small."""
    try:
        value = rational(entry)
    except Undefined:
        return entry
    return entry if value is None or isinstance(entry, Num) else Num(value)


def _sum(node: Op) -> Node:
    terms = [_rows(arg) for arg in node.args]
    known = [rows for rows in terms if rows is not None]
    if len(known) != len(terms) or len({(len(rows), len(rows[0])) for rows in known}) != 1:
        return node
    height, width = len(known[0]), len(known[0][0])
    return _matrix([[Op("add", tuple(rows[i][j] for rows in known)) for j in range(width)] for i in range(height)])


def _scaled(node: Node, factor: Node, matrix: Node) -> Node:
    rows = _rows(matrix)
    return node if rows is None else _matrix([[Op("mul", (factor, entry)) for entry in row] for row in rows])


def _product(node: Op) -> Node:
    result: Node = node.args[0]
    for factor in node.args[1:]:
        left, right = _rows(result), _rows(factor)
        if left is not None and right is not None:
            if len(left[0]) != len(right):
                return node
            result = _multiplied(left, right)
        elif left is not None:
            result = _scaled(node, factor, result)
        elif right is not None:
            result = _scaled(node, result, factor)
        else:
            result = Op("mul", (result, factor))
    return result


def _multiplied(left: Rows, right: Rows) -> Op:
    columns = list(zip(*right, strict=True))
    return _matrix([[_dot(row, column) for column in columns] for row in left])


def _dot(row: list[Node], column: tuple[Node, ...]) -> Node:
    products = tuple(Op("mul", (a, b)) for a, b in zip(row, column, strict=True))
    return products[0] if len(products) == 1 else Op("add", products)


def _power(node: Op) -> Node:
    base, exponent = node.args
    rows = _rows(base)
    if rows is None:
        return node
    if exponent in {Sym("T"), Sym("t"), Op("top", ())}:
        return _matrix([list(column) for column in zip(*rows, strict=True)])
    power = rational(exponent)
    if power is None or power.denominator != 1 or len(rows) != len(rows[0]):
        return node
    if abs(power) > MAX_MATRIX_POWER:
        raise OverBudget("BUDGET_MATRIX")
    factor = _inverse(rows) if power < 0 else _matrix(rows)
    if factor is None or not power:
        return node
    return _product(Op("mul", (factor,) * abs(power.numerator)))


def _minor(rows: Rows, i: int, j: int) -> Rows:
    return [row[:j] + row[j + 1 :] for k, row in enumerate(rows) if k != i]


def _determinant(rows: Rows) -> Node | None:
    if len(rows) != len(rows[0]) or len(rows) > _LARGEST_EXPANDED:
        return None
    if len(rows) == 1:
        return rows[0][0]
    terms: list[Node] = []
    for j, entry in enumerate(rows[0]):
        minor = _determinant(_minor(rows, 0, j))
        assert minor is not None
        terms.append(Op("mul", (integer((-1) ** j), entry, minor)))
    return Op("add", tuple(terms))


def _inverse(rows: Rows) -> Op | None:
    """The adjugate over the determinant."""
    determinant = _determinant(rows)
    if determinant is None:
        return None
    if rational(determinant) == 0:
        raise Undefined
    side = range(len(rows))
    cofactors = [[_cofactor(rows, j, i) for j in side] for i in side]
    return _matrix([[Op("mul", (entry, Op("inv", (determinant,)))) for entry in row] for row in cofactors])


def _cofactor(rows: Rows, i: int, j: int) -> Node:
    minor = _determinant(_minor(rows, i, j)) if len(rows) > 1 else integer(1)
    assert minor is not None
    return Op("mul", (integer((-1) ** (i + j)), minor))
