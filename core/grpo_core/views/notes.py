"""What to know of a run besides its settings and its numbers, as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_FACTS = ("notes", "reward_failures")


def run_notes(facts: Mapping[str, Any]) -> list[str]:
    """What it does only roughly as its settings say, then what its own reward functions failed at."""
    return [str(note) for key in _FACTS for note in facts.get(key) or ()]
