"""The oracle's budgets, counted in work so that the same text gets the same verdict on any machine.

Whoever passes one raises `OverBudget` with a stable code; whoever cannot read a text raises `Unreadable`.
"""

from __future__ import annotations

MAX_COMPLETION = 200_000
"""Code points of a completion that are searched, counted from its end: the answer stands there."""
MAX_ANSWER = 2_000
"""Code points of one answer."""
MAX_TOKENS = 1_500
MAX_DEPTH = 60
MAX_DIGITS = 1_000
MAX_BITS = 20_000
"""Bits of an exact integer that arithmetic may make."""
MAX_FACTORIAL = 1_000
MAX_TERMS = 250
"""Terms of an expanded polynomial."""
MAX_TERM_PRODUCTS = 12_000
"""Products of terms in the expansion of one expression, all its powers together."""
MAX_MAGNITUDE_BITS = 4_000
"""Binary exponent of a number whose sine, power or logarithm is taken."""
MAX_PROOF_NODES = 400
"""Nodes of both sides that are handed to SymPy."""
MAX_ITEMS = 40
"""Members of a list, set or matrix that are compared in any order."""
MAX_JOINED_BOXES = 20
MAX_ROOT_DEGREE = 12
"""Degree of a polynomial whose real roots are found."""
MAX_ROOT_BITS = 600
"""Bits of its coefficients."""
MAX_ABSOLUTE_VALUES = 3
"""In one inequality that is solved."""
MAX_SUM_TERMS = 500
MAX_SUM_NODES = 4_000
"""Nodes of a finite sum that is written out."""
MAX_MATRIX_SIDE = 8
MAX_MATRIX_POWER = 32
MAX_MATRIX_NODES = 5_000
"""Nodes of all entries of a matrix that arithmetic makes."""
MAX_STEP_LINES = 200
MAX_STEP_TEXT = 300
MAX_STEP_SEARCH = 50_000
"""Code points of a completion that are searched for steps, from its start."""
MAX_PROOFS = 8
"""Slow proofs for one verdict."""
CACHED_PARSES = 2_048
CACHED_TEXT = 300
"""Longer texts are parsed again each time: hostile ones must not fill the memory."""


class OverBudget(Exception):
    """The text asks for more work than the budget allows; `code` says which part of it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Unreadable(Exception):
    """The text is not mathematics that the grammar knows; its text says where it stopped."""
