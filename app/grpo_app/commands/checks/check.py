"""What one check found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from grpo_core.types import Json


@dataclass(frozen=True, slots=True)
class Check:
    """`found` is what is there, `advice` what to do about it (empty if nothing). `none`: it is not there and
    need not be."""

    name: str
    state: Literal["ok", "none", "warn", "bad"]
    found: str
    advice: str = ""

    def to_json(self) -> Json:
        return asdict(self)
