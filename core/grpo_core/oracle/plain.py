"""Plain numbers and fractions, read at sight, and plain numbers compared as they are written.

They are most of what the judge sees. What is said of them here is what the grammar and the comparison of trees say,
which take ten times as long; anything else is left to those.
"""

from __future__ import annotations

import re
from math import gcd

from grpo_core.oracle.nodes import Node, Op, integer
from grpo_core.oracle.numerals import read_numeral
from grpo_core.oracle.scalar import Decision

_NUMBER = re.compile(r"(-?)(0|[1-9][0-9]{0,17}|[1-9][0-9]{0,2}(?:,[0-9]{3}){1,5})(?:\.([0-9]{1,18}))?")
_FRACTION = re.compile(r"(-?)\\[dt]?frac\{([0-9]{1,18})\}\{([0-9]{1,18})\}")
_QUOTIENT = re.compile(r"(-?)([0-9]{1,18})/([0-9]{1,18})")
_LONGEST = 56
_LONGEST_WHOLE = 18

SAME_TEXT = Decision(True, "string", "SAME_TEXT")
_SAME_VALUE = Decision(True, "rational", "SAME_VALUE")
_DIFFERENT_VALUE = Decision(False, "rational", "DIFFERENT_VALUE")


def read_at_sight(text: str) -> Node | None:
    """The tree of a plain number or fraction."""
    if _is_whole(text):
        return integer(int(text))
    if len(text) > _LONGEST:
        return None
    if number := _NUMBER.fullmatch(text):
        return _signed(number[1], read_numeral(text[number.end(1) :].replace(",", "")))
    if fraction := _FRACTION.fullmatch(text):
        return _signed(fraction[1], _ratio(integer(int(fraction[2])), fraction[3]))
    if quotient := _QUOTIENT.fullmatch(text):
        return _ratio(_signed(quotient[1], integer(int(quotient[2]))), quotient[3])
    return None


def _is_whole(text: str) -> bool:
    return text.isdigit() and len(text) <= _LONGEST_WHOLE and text.isascii()


def _ratio(numerator: Node, denominator: str) -> Node:
    return Op("mul", (numerator, Op("inv", (integer(int(denominator)),))))


def _signed(sign: str, node: Node) -> Node:
    return Op("neg", (node,)) if sign else node


def plain_number(text: str) -> str | None:
    """The SymPy source of a plain number (`1,234` is `1234`, `-0.50` is `-Rational(1, 2)`), else None. Two of them are
    equal if and only if their sources are."""
    if _is_whole(text) and text[0] != "0":
        return text
    match = _NUMBER.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    sign, whole, decimals = match.groups("")
    value = _source(whole.replace(",", ""), decimals) if decimals else whole.replace(",", "")
    return None if sign and value == "0" else sign + value


def _source(whole: str, decimals: str) -> str:
    numerator, denominator = int(whole + decimals), 10 ** len(decimals)
    common = gcd(numerator, denominator)
    if common == denominator:
        return str(numerator // common)
    return f"Rational({numerator // common}, {denominator // common})"


def compare_plain(answer: str, number: str, gold: str, gold_number: str) -> Decision | None:
    """The decision for two texts and the numbers that they are; None for one negative number in two spellings."""
    if answer == gold:
        return SAME_TEXT
    if number != gold_number:
        return _DIFFERENT_VALUE
    return None if number[0] == "-" else _SAME_VALUE
