"""The few numbers that answer "is it learning?": where each stands now and how far it has moved since the start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from grpo_core.types import Json
from grpo_core.views.charts import SIGNAL_KEYS
from grpo_core.views.explain import explain
from grpo_core.views.signal import silent_shares

WINDOW = 10
"""Steps that a metric's tile averages over: one step's reward says little."""
TILE_METRICS = ("reward", "frac_reward_zero_std", *SIGNAL_KEYS.values())
Points = Sequence[tuple[int, float | None]]


@dataclass(frozen=True, slots=True)
class Tile:
    """`unit` is `rate` for [0, 1], `count`, or empty. `delta` is against the first known value; `low` and `high` the
    95 % interval; `good` the direction that is an improvement (+1, −1, or 0 for neither)."""

    key: str
    label: str
    meaning: str
    unit: str
    value: float | None
    delta: float | None = None
    low: float | None = None
    high: float | None = None
    good: int = 0


def run_tiles(run: Json | None, metrics: Mapping[str, Points], evals: Sequence[Json]) -> list[Json]:
    """The tiles of a run. `metrics` and `evals` are by step; values that are not there yet are None."""
    reward, reward_delta = _ends(metrics.get("reward", ()))
    silent, silent_delta = _ends(silent_shares(metrics) or metrics.get("frac_reward_zero_std", ()))
    tiles = [
        _evaluation_tile(
            "greedy", "Held-out, greedy", "Share of held-out problems whose greedy answer is right", evals
        ),
        _evaluation_tile("pass@1", "Held-out, sampled", "Share of sampled answers that are right (pass@1)", evals),
        Tile("reward", "Reward", f"Mean of the newest steps (up to {WINDOW})", "", reward, reward_delta, good=1),
        Tile(
            "frac_reward_zero_std",
            "No signal",
            f"Share of groups whose completions all earned the same, over the newest steps (up to {WINDOW})",
            "rate",
            silent,
            silent_delta,
        ),
        Tile("groups", "Groups", "Problems sampled so far, k completions each", "count", (run or {}).get("groups")),
        Tile(
            "completions", "Completions", "Answers sampled and judged so far", "count", (run or {}).get("completions")
        ),
    ]
    return [{**asdict(tile), "explanation": _explanation(tile.key)} for tile in tiles]


def _explanation(key: str) -> Json | None:
    found = explain(key)
    return found.to_json() if found else None


def _evaluation_tile(key: str, label: str, meaning: str, evals: Sequence[Json]) -> Tile:
    known = [evaluation for evaluation in evals if evaluation.get(key) is not None]
    if not known:
        return Tile(key, label, meaning, "rate", None)
    last = known[-1]
    low, high = last["ci95"] if key == "pass@1" else (None, None)
    delta = last[key] - known[0][key] if len(known) > 1 else None
    return Tile(key, label, meaning, "rate", last[key], delta, low, high, good=1)


def _ends(points: Points) -> tuple[float | None, float | None]:
    """The mean over the newest steps, and its difference to the mean over as many first ones."""
    values = [value for _, value in points if value is not None]
    if not values:
        return None, None
    width = max(1, min(WINDOW, len(values) // 2))
    last = sum(values[-width:]) / width
    return last, last - sum(values[:width]) / width if len(values) > 1 else None
