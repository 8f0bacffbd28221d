"""What is typed to find groups and completions, as a search: `outcome:wrong step:10-20 boxed` and so on. Pure.

The names are those of the page's filter; every other word is looked for in the completions' texts.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, get_args

from grpo_core.errors import GrpoDashError
from grpo_core.store import GroupFilter
from grpo_core.store.marks import MarkKind
from grpo_core.types import OUTCOMES, Decoding, Signal, Split
from grpo_core.views.finding import Search, Sort

ANY_MARK = "any"
MARK_KINDS = (ANY_MARK, *get_args(MarkKind))
VALUES: dict[str, tuple[str, ...]] = {
    "outcome": OUTCOMES,
    "signal": get_args(Signal),
    "split": get_args(Split),
    "decoding": get_args(Decoding),
    "truncated": ("yes", "no"),
    "marked": MARK_KINDS,
    "sort": get_args(Sort),
}
"""What a name may be given; the other names take a range or any word."""
RANGES = ("step", "length", "reward")
WORDS = ("source", "level")
NAMES = (*VALUES, *RANGES, *WORDS)
_PART = re.compile(r'([a-z]+):(?:"([^"]*)"|(\S+))|("[^"]*"?|\S+)')
_RANGE = re.compile(r"(?P<low>\d+(?:\.\d+)?)?(?P<to>-)?(?P<high>\d+(?:\.\d+)?)?")


class QueryError(GrpoDashError):
    """What was typed is no filter; the sentence says what would be."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person looks for: a search over the run, or its `marked` completions; `line` is as it was typed."""

    line: str = ""
    search: Search = field(default_factory=Search)
    marked: str | None = None

    @property
    def is_open(self) -> bool:
        """Is everything wanted, so that the list is the run's own?"""
        return self.search == Search() and self.marked is None


def parse_query(line: str) -> Wanted:
    """Raises QueryError with a sentence for the person."""
    given: dict[str, str] = {}
    texts: list[str] = []
    for match in _PART.finditer(line):
        name, quoted, plain, text = match.groups()
        if name is None:
            texts.append(text)
        else:
            given[_one_of(name, NAMES, "filter")] = quoted if plain is None else plain
    marked = _choice("marked", given)
    if marked and (texts or len(given) > 1):
        raise QueryError("marked: lists every marked completion, so it stands alone.")
    return Wanted(line.strip(), Search(" ".join(texts), _filter(given), _choice("sort", given) or "newest"), marked)


def completed(line: str) -> str | None:
    """The line with its last word completed, to a name or to what a name may be given; None if nothing fits."""
    word = line.rpartition(" ")[2]
    name, colon, value = word.partition(":")
    begun, fitting = (value, VALUES.get(name, ())) if colon else (name, tuple(f"{each}:" for each in NAMES))
    found = next((each for each in fitting if begun and each.startswith(begun)), None)
    return None if found is None else line + found[len(begun) :]


def _filter(given: dict[str, str]) -> GroupFilter:
    truncated = _choice("truncated", given)
    return GroupFilter(
        outcome=_choice("outcome", given),
        signal=_choice("signal", given),
        split=_choice("split", given),
        decoding=_choice("decoding", given),
        truncated=None if truncated is None else truncated == "yes",
        source=given.get("source"),
        level=given.get("level"),
        steps=_range("step", given, int),
        tokens=_range("length", given, int),
        rewards=_range("reward", given, float),
    )


def _choice(name: str, given: dict[str, str]) -> Any:
    """The value in full, of which the beginning is enough; None where the name was not given."""
    value = given.get(name)
    if value is None:
        return None
    begun = value.lower().replace("-", "_").replace(" ", "_")
    fitting = [each for each in VALUES[name] if each.startswith(begun)] if begun else []
    exact = begun in VALUES[name]
    return begun if exact else fitting[0] if len(fitting) == 1 else _one_of(value, VALUES[name], name)


def _range(name: str, given: dict[str, str], number: Callable[[str], float]) -> tuple[float | None, float | None]:
    """`10-20`, `10-`, `-20`, or `10` alone."""
    value = given.get(name)
    if value is None:
        return (None, None)
    match = _RANGE.fullmatch(value)
    if match is None or not (match["low"] or match["high"]) or (number is int and "." in value):
        raise QueryError(f"{name}: takes a range such as 10-20, 10-, -20 or 10, not {value!r}.")
    low, high = (None if end is None else number(end) for end in (match["low"], match["high"]))
    return (low, low) if match["to"] is None else (low, high)


def _one_of(value: str, names: tuple[str, ...], kind: str) -> str:
    if value in names:
        return value
    near = difflib.get_close_matches(value, names, n=1)
    instead = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}."
    raise QueryError(f"{value!r} is no {kind}: {instead}")
