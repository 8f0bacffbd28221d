"""What to know of a run besides its settings and its numbers, as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_FACTS = ("notes", "reward_failures", "mirror_failures")


def run_notes(facts: Mapping[str, Any]) -> list[str]:
    """What it does only roughly as its settings say, then what its own reward functions failed at, and what
    could not be copied elsewhere."""
    return [str(note) for key in _FACTS for note in facts.get(key) or ()]


def trainer_words(facts: Mapping[str, Any]) -> str | None:
    """The class that really trains and whose it is, where that is not plain TRL in a run of ours: `UnslothGRPOTrainer,
    Unsloth 2026.10.9`."""
    name, versions = facts.get("trainer_class"), facts.get("versions") or {}
    if not name or not (facts.get("backend") == "unsloth" or facts.get("watched")):
        return None
    unsloth = versions.get("unsloth") if facts.get("backend") == "unsloth" else None
    return f"{name}, Unsloth {unsloth}" if unsloth else str(name)
