"""What is asked of the oracle: one completion against one gold."""

from __future__ import annotations

from typing import Literal, NamedTuple

GoldFormat = Literal["auto", "raw", "text"]
"""`raw`: the gold is a bare answer; `text`: it must be extracted from text; `auto`: by whether it looks like text."""
Alignment = Literal["lcs", "position"]
"""How a completion's steps are held against the reference's: by their longest common subsequence, or one by one."""


class JudgeTask(NamedTuple):
    """`steps` are the lines of the reference derivation; empty where none is known."""

    completion: str
    gold: str
    steps: tuple[str, ...] = ()
    gold_format: GoldFormat = "auto"
    alignment: Alignment = "lcs"
