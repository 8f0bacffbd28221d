"""What is wrong with a setting, in words: what may stand there and what does, or which setting was meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

_LONGEST_SHOWN = 60
_LIMITS = {
    "greater_than": ("gt", "above {}"),
    "greater_than_equal": ("ge", "at least {}"),
    "less_than": ("lt", "below {}"),
    "less_than_equal": ("le", "at most {}"),
}
_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "finite": "a number",
    "bool": "true or false",
    "string": "text",
    "dict": "a table",
}


def what_is_wrong(item: Any, metadata: Iterable[object] = ()) -> str:
    """One of pydantic's errors about a value, as the end of a sentence that begins with the setting's name.

    `metadata` holds the setting's limits, so that all of them are said whichever was broken.
    """
    kind, given = item["type"], _shown(item["input"])
    if kind in _LIMITS:
        return f"takes a number {_range(item, metadata)}, not {given}"
    if kind == "literal_error":
        return f"takes {item['ctx']['expected']}, not {given}"
    if kind in ("string_too_short", "string_too_long"):
        return "must not be empty" if kind == "string_too_short" else f"takes {item['ctx']['max_length']} characters"
    if wanted := _KINDS.get(kind.partition("_")[0]):
        return f"takes {wanted}, not {given}"
    return f"cannot be {given}: {item['msg']}"


def unknown_setting(name: str, known: Iterable[str]) -> str:
    """That there is no such setting, and which one was probably meant."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"{name} is not a setting" + (f": did you mean {near[0]}?" if near else "")


def _range(item: Any, metadata: Iterable[object]) -> str:
    limits = {key: getattr(rule, key) for rule in metadata for key, _ in _LIMITS.values() if hasattr(rule, key)}
    found = limits or {_LIMITS[item["type"]][0]: item["ctx"][_LIMITS[item["type"]][0]]}
    return " and ".join(words.format(f"{found[key]:g}") for key, words in _LIMITS.values() if key in found)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
