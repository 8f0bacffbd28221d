"""Times of day: `1:03 PM`, `13:03`, `noon`. A text that only looks like a time (`11:21`) may still be a ratio."""

from __future__ import annotations

import re
from fractions import Fraction

from grpo_core.oracle.exact import rational
from grpo_core.oracle.nodes import Node, Num, Op, Sym, integer

_TIME = re.compile(r"(\d{1,2})\s?:\s?([0-5]\d)\s*(?:([aApP])\.?\s?[mM]\.?)?|(\d{1,2})\s*([aApP])\.?\s?[mM]\.?")
_TEXT = re.compile(r"\\(?:text|mathrm|textrm|mbox)\s?\{([^{}]*)\}")
_NAMED = {"noon": (12, 0), "midnight": (0, 0)}


def read_time(text: str) -> Op | None:
    """`clock` of hour, minute and half of the day (empty where it is not said); None for what is no time."""
    plain = _TEXT.sub(r"\1", text).strip()
    if plain.lower() in _NAMED:
        hour, minute = _NAMED[plain.lower()]
        return Op("clock", (integer(hour), integer(minute), Sym("pm" if hour else "am")))
    match = _TIME.fullmatch(plain)
    if match is None:
        return None
    hour, minute = int(match[1] or match[4]), int(match[2] or 0)
    half = (match[3] or match[5] or "").lower()
    if hour > (12 if half else 24):
        return None
    return Op("clock", (integer(hour), integer(minute), Sym(half + "m" if half else "")))


def same_time(answer: Op, gold: Op) -> bool:
    """A half of the day that one side leaves out is the other's; on a 24-hour clock it is not left out."""
    (hour, half), (other, other_half) = _hour(answer), _hour(gold)
    if answer.args[1] != gold.args[1]:
        return False
    if half is None or other_half is None:
        return (
            hour % 12 == other % 12 if (half, other_half) != (None, None) and max(hour, other) <= 12 else hour == other
        )
    return (hour % 12, half) == (other % 12, other_half)


def _hour(time: Op) -> tuple[int, str | None]:
    hour, _, half = time.args
    assert isinstance(hour, Num)
    assert isinstance(half, Sym)
    value = int(hour.value)
    if half.name:
        return value, half.name
    return (value, "pm") if value > 12 else (value, None)


def as_ratio(node: Node) -> Node:
    """A time without a half of the day as the ratio that it may be."""
    if isinstance(node, Op) and node.head == "clock" and node.args[2] == Sym(""):
        return Op("ratio", node.args[:2])
    return node


def proportional_ratios(answer: Node, gold: Node) -> bool:
    """Are two ratios of numbers the same ratio, `2:4` and `1:2`?"""
    left, right = _terms(answer), _terms(gold)
    if not left or not right or len(left) != len(right) or 0 in right:
        return False
    return len({a / b for a, b in zip(left, right, strict=True)}) == 1


def _terms(node: Node) -> list[Fraction]:
    terms = [rational(arg) for arg in node.args] if isinstance(node, Op) else []
    return [term for term in terms if term is not None] if None not in terms else []
