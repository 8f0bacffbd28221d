"""What stands after the kind or the path in a spec: `math:level=1-3,subject=algebra`, `my.parquet:prompt=q,gold=a`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from grpo_core.errors import ProblemsError

COLUMN_NAMES = ("prompt", "gold", "steps", "id", "level", "subject")
_MOST_LEVELS = 100
"""Of a range; what is asked for beyond is no level of any set."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The file's own names for a problem's fields; None where the file uses ours or has no such column."""

    prompt: str | None = None
    gold: str | None = None
    steps: str | None = None
    id: str | None = None
    level: str | None = None
    subject: str | None = None

    def renamed(self, row: dict[str, object]) -> dict[str, object]:
        """The row under our names: a mapped column replaces what stood under our name. Raises KeyError for a column
        that the row has not."""
        named = {name: column for name in COLUMN_NAMES if (column := getattr(self, name)) is not None}
        kept = {key: value for key, value in row.items() if key not in named}
        return {**kept, **{name: row[column] for name, column in named.items()}}


def read_options(text: str, allowed: Collection[str]) -> dict[str, str]:
    """`level=1-3,subject=algebra` as a dictionary. Raises ProblemsError for what is not `name=value`."""
    options: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, mark, value = part.partition("=")
        if not mark or name.strip() not in allowed or not value.strip():
            raise ProblemsError(f"Cannot use {part!r} here: write name=value with one of {', '.join(allowed)}.")
        options[name.strip()] = value.strip()
    return options


def read_levels(text: str) -> frozenset[int]:
    """`3` or `1-3` or `1+5` as numbers. Raises ProblemsError."""
    levels: set[int] = set()
    for part in text.split("+"):
        low, _, high = part.partition("-")
        if not (low.strip().isdecimal() and (high or low).strip().isdecimal()):
            raise ProblemsError(f"The level {text!r} is not a number or a range such as 1-3.")
        first, last = int(low), int(high or low)
        if last < first:
            raise ProblemsError(f"The levels {text!r} end before they begin: write the lower one first.")
        levels |= set(range(first, min(last, first + _MOST_LEVELS) + 1))
    return frozenset(levels)
