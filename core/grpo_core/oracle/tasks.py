"""What is asked of the oracle: one completion against one gold."""

from __future__ import annotations

from typing import Literal, NamedTuple

GoldFormat = Literal["auto", "raw", "text"]
"""`raw`: the gold is a bare answer; `text`: it must be extracted from text; `auto`: by whether it looks like text."""


class JudgeTask(NamedTuple):
    """`steps` are the lines of the reference derivation; empty where none is known."""

    completion: str
    gold: str
    steps: tuple[str, ...] = ()
    gold_format: GoldFormat = "auto"
