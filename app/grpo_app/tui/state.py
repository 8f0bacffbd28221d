"""What a screen knows of a run: the changes that were posted, added up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from grpo_core.store import Command
from grpo_core.types import Json
from grpo_core.views import Series
from grpo_core.views.phases import phase_label
from grpo_core.views.thinning import add_points
from grpo_core.views.tiles import TILE_METRICS, run_tiles

Points = list[tuple[int, float]]


@dataclass
class RunState:
    """`metrics` and `evaluations` are by step, so that a step that is logged again replaces itself.

    `alerts` are newest first; `commands` are what was last asked of the run, newest first.
    """

    run: Json | None = None
    metrics: dict[str, dict[int, float]] = field(default_factory=dict)
    evaluations: dict[int, Json] = field(default_factory=dict)
    live: Json | None = None
    alerts: list[Json] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)

    def apply(self, change: Json) -> None:
        if change.get("reset"):
            self.metrics, self.evaluations = {}, {}
        self.run = change.get("run", self.run)
        self.live = change.get("live", self.live)
        for key, points in change.get("metrics", {}).items():
            add_points(self.metrics.setdefault(key, {}), points)
        self.evaluations.update((evaluation["step"], evaluation) for evaluation in change.get("evals", ()))

    @property
    def phase(self) -> str:
        return phase_label(self.run, self.live) if self.run else ""

    def points(self, series: Series) -> Points:
        """One curve by step, without what is unknown."""
        if series.origin == "metric":
            return sorted(self.metrics.get(series.key, {}).items())
        values: list[tuple[int, Any]] = [(step, row[series.key]) for step, row in sorted(self.evaluations.items())]
        return [(step, value) for step, value in values if value is not None]

    def tiles(self) -> list[Json]:
        metrics = {key: sorted(self.metrics.get(key, {}).items()) for key in TILE_METRICS}
        return run_tiles(self.run, metrics, [row for _, row in sorted(self.evaluations.items())])

    @property
    def last_step(self) -> int:
        """The furthest step that any curve has reached."""
        steps = [max(points) for points in self.metrics.values() if points]
        return max([*steps, *self.evaluations], default=0)

    @property
    def axis_end(self) -> int:
        """The step at which the axis of every curve ends: `round_step` of the last one, or the run's own end."""
        last, most = self.last_step, (self.run or {}).get("max_steps")
        return min(round_step(last), most) if most and most >= last else round_step(last)


def round_step(last: int) -> int:
    """Rounded up to tens, or to two digits, so that curves grow into their axis and do not all move at every step."""
    unit = 10 ** max(1, len(str(last)) - 2)
    return -(-last // unit) * unit
