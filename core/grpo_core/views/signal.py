"""Groups without signal: how many, why (all right or all wrong), what time they cost, and where it leads.

From the counts a step that the store keeps; pure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from grpo_core.types import Json, Signal
from grpo_core.views.charts import SIGNAL_KEYS

RECENT = 20
"""Steps that count as now."""
TREND = 60
"""Newest steps that the trend is drawn through."""
FEWEST = 8
"""Steps below which there is no trend."""
CLEAR = 2.0
"""Standard errors that a slope must have to be one."""
NEARLY_ALL = 0.95
AVERAGED = 0.6
"""Fewer points than this share of the steps, and a point stands for several of them."""
Direction = Literal["rising", "falling", "steady"]
Points = Sequence[tuple[int, float | None]]
Kind = Literal["all_correct", "all_wrong"]


@dataclass(frozen=True, slots=True)
class Trend:
    """A straight line through the newest steps: `per_step` is its slope, `reaches` the step at which it comes to
    nearly all groups, None where it does not lead there."""

    direction: Direction
    per_step: float
    reaches: int | None


@dataclass(frozen=True, slots=True)
class SignalReport:
    """Shares in [0, 1] of the newest steps' groups. `lost_seconds` is the time of the steps times the share of groups
    in them that taught nothing, `lost_share` what that is of the run's steps; None where times are not known."""

    groups: int
    mixed: float
    all_correct: float
    all_wrong: float
    lost_seconds: float | None
    lost_share: float | None
    trends: dict[Kind, Trend | None]
    sentence: str

    def to_json(self) -> Json:
        return asdict(self)


def signal_report(metrics: Mapping[str, Points]) -> SignalReport | None:
    """None until a group was scored."""
    counts = _counts_by_step(metrics)
    recent = [counts[step] for step in sorted(counts)[-RECENT:]]
    groups = sum(sum(count.values()) for count in recent)
    if not groups:
        return None
    shares = {kind: sum(count[kind] for count in recent) / groups for kind in SIGNAL_KEYS}
    trends: dict[Kind, Trend | None] = {kind: _trend(counts, kind) for kind in ("all_correct", "all_wrong")}
    lost, of_all = _lost(counts, metrics.get("step_time", ()))
    return SignalReport(
        int(groups),
        shares["mixed"],
        shares["all_correct"],
        shares["all_wrong"],
        lost,
        of_all,
        trends,
        _sentence(shares, trends),
    )


def silent_shares(metrics: Mapping[str, Points]) -> list[tuple[int, float]]:
    """The share of groups without signal, by step."""
    counts = _counts_by_step(metrics)
    return [(step, 1 - counts[step]["mixed"] / sum(counts[step].values())) for step in sorted(counts)]


def _counts_by_step(metrics: Mapping[str, Points]) -> dict[int, dict[Signal, float]]:
    counts: dict[int, dict[Signal, float]] = {}
    for kind, key in SIGNAL_KEYS.items():
        for step, value in metrics.get(key, ()):
            counts.setdefault(step, dict.fromkeys(SIGNAL_KEYS, 0.0))[kind] = value or 0.0
    return {step: count for step, count in counts.items() if sum(count.values()) > 0}


def _lost(counts: Mapping[int, Mapping[Signal, float]], seconds: Points) -> tuple[float | None, float | None]:
    """Of a long run both are averaged over several steps, but not over the same ones: each count stands for the steps
    since the one before it, each of which took the mean of the times known in between."""
    steps, known = sorted(counts), sorted((step, spent) for step, spent in seconds if spent is not None)
    averaged = len(steps) < AVERAGED * steps[-1]
    total = lost = 0.0
    before = at = 0
    for step in steps:
        within = []
        while at < len(known) and known[at][0] <= step:
            within.append(known[at][1])
            at += 1
        if within:
            spent = math.fsum(within) / len(within) * (step - before if averaged else len(within))
            total += spent
            lost += spent * (1 - counts[step]["mixed"] / sum(counts[step].values()))
        before = step
    return (lost, lost / total) if total > 0 else (None, None)


def _trend(counts: Mapping[int, Mapping[Signal, float]], kind: Kind) -> Trend | None:
    """Least squares through the share of the newest steps."""
    steps = sorted(counts)[-TREND:]
    if len(steps) < FEWEST:
        return None
    shares = [counts[step][kind] / sum(counts[step].values()) for step in steps]
    n, x, y = len(steps), sum(steps) / len(steps), sum(shares) / len(shares)
    spread = math.fsum((step - x) ** 2 for step in steps)
    slope = math.fsum((step - x) * (share - y) for step, share in zip(steps, shares, strict=True)) / spread
    rest = math.fsum((share - y - slope * (step - x)) ** 2 for step, share in zip(steps, shares, strict=True))
    error = math.sqrt(rest / (n - 2) / spread)
    if abs(slope) <= CLEAR * error or slope == 0:
        return Trend("steady", slope, None)
    reaches = steps[-1] + math.ceil((NEARLY_ALL - (y + slope * (steps[-1] - x))) / slope) if slope > 0 else None
    return Trend("rising" if slope > 0 else "falling", slope, reaches if reaches and reaches > steps[-1] else None)


def _sentence(shares: Mapping[Signal, float], trends: Mapping[Kind, Trend | None]) -> str:
    kind: Kind = "all_correct" if shares["all_correct"] >= shares["all_wrong"] else "all_wrong"
    trend, name = trends[kind], kind.replace("_", " ")
    if shares["all_correct"] + shares["all_wrong"] == 0:
        return "Every group of the newest steps taught something."
    if trend is None:
        return f"Most of those without signal are {name}; there are too few steps for a trend."
    if trend.direction == "steady":
        return f"Most of those without signal are {name}; their share is steady."
    way = f"{'More' if trend.direction == 'rising' else 'Fewer'} groups are {name} with every step"
    if trend.reaches is None:
        return f"{way}: {abs(trend.per_step) * 1000:.0f} of a hundred in ten steps."
    return f"{way}; at this pace nearly all are by step {trend.reaches}."
