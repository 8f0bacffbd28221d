"""What a living trainer is doing right now, in a word."""

from __future__ import annotations

from grpo_core.runs.status import ENDED
from grpo_core.types import Json

PHASE_LABELS: dict[str, str] = {
    "load": "loading",
    "sample": "sampling",
    "judge": "judging",
    "update": "updating",
    "train": "training",
    "evaluate": "evaluating",
    "idle": "between steps",
}


def phase_label(run: Json, live: Json | None) -> str:
    """From the live feed, which knows it best, unless the run evaluates; empty if nothing is known."""
    if run["status"] in ENDED or run["status"] in ("created", "paused"):
        return ""
    phase = run["phase"]
    if live and phase != "evaluate":
        phase = live["phase"]
    return PHASE_LABELS.get(phase, phase or "")
