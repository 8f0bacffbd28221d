"""Where a step's time goes: sampling, judging and the update, over the newest steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from grpo_core.types import Json

WINDOW = 10
"""Steps that the shares are taken over."""
PHASES = {"sample": "sampling", "judge": "judging", "update": "update"}
Points = Sequence[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class PhaseShare:
    """One phase of the newest steps: its mean seconds a step and its share of the three together, in [0, 1]."""

    phase: str
    label: str
    seconds: float
    share: float

    def to_json(self) -> Json:
        return asdict(self)


def phase_shares(metrics: Mapping[str, Points]) -> list[PhaseShare]:
    """Sampling, judging and update in this order; nothing where the trainer has not told."""
    seconds = {phase: _recent_mean(metrics.get(f"phase/{phase}", ())) for phase in PHASES}
    total = sum(value for value in seconds.values() if value is not None)
    return [
        PhaseShare(phase, PHASES[phase], value, value / total)
        for phase, value in seconds.items()
        if value is not None and total > 0
    ]


def _recent_mean(points: Points) -> float | None:
    values = [value for _, value in points[-WINDOW:]]
    return sum(values) / len(values) if values else None
