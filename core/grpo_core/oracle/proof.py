"""The slow tier: does SymPy simplify the difference of two values to zero? Runs in a worker process only."""

from __future__ import annotations

import sympy

from grpo_core.oracle.exact import Undefined
from grpo_core.oracle.limits import OverBudget, Unreadable
from grpo_core.oracle.nodes import Node
from grpo_core.oracle.to_sympy import to_sympy


def prove_equal(left: Node, right: Node) -> bool | None:
    """True or False where SymPy is sure, None where it is not."""
    try:
        difference = sympy.simplify(to_sympy(left) - to_sympy(right))
    except (OverBudget, Unreadable, Undefined, TypeError, ValueError, ArithmeticError):
        return None
    if difference.has(sympy.nan, sympy.zoo):
        return None
    zero = difference.is_zero
    return None if zero is None else bool(zero)
