"""Build SymPy objects from a tree, by constructors only: no text is ever handed to SymPy's parsers.

Used where SymPy's own knowledge is wanted: in the worker's proofs, and in tests that hold our checks against it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy

from grpo_core.oracle.exact import rational
from grpo_core.oracle.limits import Unreadable
from grpo_core.oracle.nodes import Node, Num, Sym

_CONSTANTS = {"pi": sympy.pi, "E": sympy.E, "I": sympy.I, "oo": sympy.oo}


def to_sympy(node: Node) -> Any:
    """The SymPy expression. Raises `OverBudget` before a number too large is made, `Unreadable` for what has none."""
    if isinstance(node, Num):
        return sympy.Rational(node.value.numerator, node.value.denominator)
    if isinstance(node, Sym):
        if not node.name:
            raise Unreadable("A bound is missing.")
        return _CONSTANTS.get(node.name) or sympy.Symbol(node.name)
    # Exact arithmetic stands guard: it refuses a power or factorial that would not fit the budget.
    value = rational(node)
    if value is not None:
        return sympy.Rational(value.numerator, value.denominator)
    if node.head == "call":
        name, *arguments = node.args
        assert isinstance(name, Sym)
        return sympy.Function(name.name)(*(to_sympy(arg) for arg in arguments))
    if node.head not in _BUILDERS:
        raise Unreadable(f"SymPy gets no {node.head}.")
    return _BUILDERS[node.head](*(to_sympy(arg) for arg in node.args))


_SAME_NAMES = "sin cos tan cot sec csc asin acos atan sinh cosh tanh exp floor sign gcd lcm"
_BUILDERS: dict[str, Callable[..., Any]] = {
    "add": sympy.Add,
    "mul": sympy.Mul,
    "neg": lambda a: -a,
    "inv": lambda a: sympy.Pow(a, -1),
    "pow": sympy.Pow,
    "sqrt": sympy.sqrt,
    "root": lambda a, n: sympy.Pow(a, 1 / n),
    "abs": sympy.Abs,
    "ln": sympy.log,
    "log": sympy.log,
    "factorial2": sympy.factorial2,
    "mod": sympy.Mod,
    "sum": lambda k, low, high, body: sympy.Sum(body, (k, low, high)).doit(),
    "product": lambda k, low, high, body: sympy.Product(body, (k, low, high)).doit(),
    "integral": lambda x, body, *bounds: sympy.Integral(body, (x, *bounds)).doit(),
    "limit": lambda x, point, body: sympy.limit(body, x, point),
    "log10": lambda a: sympy.log(a) / sympy.log(10),
    "factorial": sympy.factorial,
    "binomial": sympy.binomial,
    "ceiling": sympy.ceiling,
    "ceil": sympy.ceiling,
    "min": sympy.Min,
    "max": sympy.Max,
    "percent": lambda a: a / 100,
    "degree": lambda a: a * sympy.pi / 180,
    "diff": lambda a, x: sympy.diff(a, x),
    "Re": sympy.re,
    "Im": sympy.im,
    **{name: getattr(sympy, name) for name in _SAME_NAMES.split()},
}
