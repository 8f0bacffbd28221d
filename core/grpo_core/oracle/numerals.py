"""Reading one numeral: thousands separators, decimal points and commas, scientific notation. Exact, never a float."""

from __future__ import annotations

import re
from fractions import Fraction

from grpo_core.oracle.limits import MAX_DIGITS, OverBudget, Unreadable
from grpo_core.oracle.nodes import Num

NUMERAL = r"(?:\d+(?:,\d+)*(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+(?![\dA-Za-z]))?"
SPACED_THOUSANDS = r"[1-9]\d{0,2}(?: \d{3})+(?![\d ]*\d)(?:\.\d+)?"

_SHORT = 20
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
_DECIMAL_COMMA = re.compile(r"-?\s?\d+,\d+")


def read_numeral(text: str) -> Num:
    """The exact value of a numeral without commas or spaces."""
    if len(text) < _SHORT and text.isascii() and text.isdigit():
        return Num(Fraction(int(text)))
    mantissa, _, exponent = text.lower().partition("e")
    if len(mantissa) > MAX_DIGITS or len(exponent) > 4 or abs(int(exponent or 0)) > MAX_DIGITS:
        raise OverBudget("BUDGET_DIGITS")
    whole, point, decimals = mantissa.partition(".")
    if not (whole or decimals):
        raise Unreadable("A numeral without digits.")
    value = Fraction(int(whole + decimals or "0"), 10 ** len(decimals)) * Fraction(10) ** int(exponent or 0)
    digits = len((whole + decimals).lstrip("0")) if point else 0
    return Num(value, digits)


def decimal_text(number: Num) -> str:
    """The numeral that `read_numeral` read, without what it left out: `0.75` for a decimal, else the fraction."""
    value, places = number.value, 0
    while number.digits and value.denominator != 1 and places < MAX_DIGITS:
        value, places = value * 10, places + 1
    if not places or value.denominator != 1:
        return str(number.value)
    digits = str(abs(value.numerator)).rjust(places + 1, "0")
    return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def is_grouped(text: str) -> bool:
    """Are the commas of this numeral thousands separators (`7,425,000`)?"""
    return _GROUPED.fullmatch(text) is not None


def decimal_comma(text: str) -> str | None:
    """`2,74` read as `2.74`, if the whole text is one such numeral and its comma separates no thousands."""
    if _DECIMAL_COMMA.fullmatch(text) is None or is_grouped(text.lstrip("- ")):
        return None
    return text.replace(",", ".")
