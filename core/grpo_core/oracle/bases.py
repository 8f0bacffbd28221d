"""Numerals in another base: `1010_2`, `B4_{16}`. Their value is what is compared."""

from __future__ import annotations

import re
from fractions import Fraction

from grpo_core.oracle.limits import MAX_DIGITS, OverBudget, Unreadable
from grpo_core.oracle.nodes import Num, Op, integer

_NAMES = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_BASED = re.compile(
    r"\(?([0-9][0-9A-Z ]*|[A-Z][0-9A-Z]*[0-9][0-9A-Z]*|[A-F]+)\)?"
    rf"\s?(?:_\s?(?:\{{\s?\(?(\d{{1,2}}|{'|'.join(_NAMES)})\)?\s?\}}|(\d|{'|'.join(_NAMES)}))"
    rf"|\(?(?:in )?base[- ]?(\d{{1,2}}|{'|'.join(_NAMES)})\)?)"
)
_TEXT = re.compile(r"\\(?:text|mathrm|textrm|mbox)\s?\{([^{}]*)\}")


def read_based(text: str) -> Op | None:
    """`base` of the value and the base, if the whole text is one numeral with a base from 2 to 36."""
    if "_" not in text and "base" not in text:
        return None
    match = _BASED.fullmatch(_TEXT.sub(r"\1", text).replace("  ", " ").strip())
    base = _base(match[2] or match[3] or match[4]) if match else 0
    if match is None or not 2 <= base <= 36:
        return None
    digits = match[1].replace(" ", "")
    if not digits[0].isdigit() and base <= 10:
        return None
    return based(digits, base)


def _base(said: str) -> int:
    return _NAMES.index(said) + 2 if said in _NAMES else int(said)


def based(digits: str, base: int) -> Op:
    """Raises `Unreadable` for a digit that the base does not have."""
    if len(digits) > MAX_DIGITS:
        raise OverBudget("BUDGET_DIGITS")
    whole, _, decimals = digits.partition(".")
    try:
        value = Fraction(int(whole + decimals, base), base ** len(decimals))
        return Op("base", (Num(value), integer(base)))
    except ValueError as error:
        raise Unreadable(f"{digits} is no numeral in base {base}.") from error
