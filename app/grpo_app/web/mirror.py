"""What one run looks like right now, kept up to date from a follower's changes: a viewer who joins late gets it whole.

Also turns the generation in progress, which the follower gives whole, into what was added to it. Pure data, no I/O.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from grpo_app.web.rows import NEWEST_ROWS, SPLITS
from grpo_core.types import Json
from grpo_core.views.charts import charts_of, is_drawn
from grpo_core.views.explain import explained_chart
from grpo_core.views.signal import signal_report
from grpo_core.views.step_time import phase_shares
from grpo_core.views.thinning import add_points
from grpo_core.views.tiles import run_tiles


@dataclass
class Mirror:
    """`apply` takes a follower's change and returns what to send of it; `snapshot` is everything so far."""

    run: Json | None = None
    run_seen_at: float = 0.0
    metrics: dict[str, dict[int, float]] = field(default_factory=dict)
    evals: dict[int, Json] = field(default_factory=dict)
    groups: dict[int, Json] = field(default_factory=dict)
    checkpoints: list[Json] = field(default_factory=list)
    commands: list[Json] = field(default_factory=list)
    marks: list[Json] = field(default_factory=list)
    alerts: list[Json] = field(default_factory=list)
    live: Json | None = None
    derived: Json = field(default_factory=dict)

    def apply(self, change: Json, now: float) -> Json:
        sent = {key: value for key, value in change.items() if key not in ("live", "metrics")}
        if metrics := {key: points for key, points in change.get("metrics", {}).items() if is_drawn(key)}:
            sent["metrics"] = metrics
        if "live" in change:
            sent |= live_change(self.live, change["live"])
            self.live = change["live"]
        self._keep(sent, now)
        derived = self._derive()
        sent |= {name: value for name, value in derived.items() if value != self.derived.get(name)}
        self.derived = derived
        return sent

    def snapshot(self, now: float) -> Json:
        """`run_age` is how many seconds ago `run`'s clocks were read."""
        return {
            "run": self.run,
            "run_age": max(0.0, now - self.run_seen_at),
            "metrics": {key: [list(point) for point in sorted(points.items())] for key, points in self.metrics.items()},
            "evals": [self.evals[step] for step in sorted(self.evals)],
            "groups": [self.groups[number] for number in sorted(self.groups)],
            "checkpoints": self.checkpoints,
            "commands": self.commands,
            "marks": self.marks,
            "alerts": self.alerts,
            "live": self.live,
            **self.derived,
        }

    def _keep(self, sent: Json, now: float) -> None:
        if sent.get("reset"):
            self.metrics, self.evals, self.groups = {}, {}, {}
        if "run" in sent:
            self.run, self.run_seen_at = sent["run"], now
        for key, points in sent.get("metrics", {}).items():
            add_points(self.metrics.setdefault(key, {}), points)
        self.evals.update((evaluation["step"], evaluation) for evaluation in sent.get("evals", ()))
        self.groups.update((row["id"], row) for row in sent.get("groups", ()))
        self._forget_old_rows()
        self.checkpoints = sent.get("checkpoints", self.checkpoints)
        self.commands = sent.get("commands", self.commands)
        self.marks = sent.get("marks", self.marks)
        self.alerts = sent.get("alerts", self.alerts)

    def _forget_old_rows(self) -> None:
        for split in SPLITS:
            numbers = sorted(number for number, row in self.groups.items() if row["split"] == split)
            for number in numbers[:-NEWEST_ROWS]:
                del self.groups[number]

    def _derive(self) -> Json:
        """What the screens show that is computed from the curves: `tiles`, `charts`, `phases`, `signal`."""
        metrics = {key: sorted(points.items()) for key, points in self.metrics.items()}
        report = signal_report(metrics)
        return {
            "tiles": run_tiles(self.run, metrics, [self.evals[step] for step in sorted(self.evals)]),
            "charts": [explained_chart(chart) for chart in charts_of(metrics)],
            "phases": [share.to_json() for share in phase_shares(metrics)],
            "signal": report.to_json() if report else None,
        }


def live_change(before: Json | None, after: Json) -> Json:
    """`live` whole for a new generation, else `live_add`: `add` as [problem, completion, text], `end` as [problem,
    completion], and the phase."""
    if before is None or before["number"] != after["number"] or not before["streams"]:
        return {"live": after}
    places = [(g, i) for g, streams in enumerate(after["streams"]) for i in range(len(streams))]
    added = [
        [g, i, after["streams"][g][i][len(before["streams"][g][i]) :]]
        for g, i in places
        if len(after["streams"][g][i]) > len(before["streams"][g][i])
    ]
    ended = [[g, i] for g, i in places if after["ended"][g][i] and not before["ended"][g][i]]
    return {"live_add": {"number": after["number"], "phase": after["phase"], "add": added, "end": ended}}
