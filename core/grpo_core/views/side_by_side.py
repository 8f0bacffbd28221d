"""Several runs side by side: the same curve of each on one axis, and the settings in which they differ."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grpo_core.config import RunConfig
from grpo_core.errors import RunError
from grpo_core.runs import RunFolder, find_run
from grpo_core.types import Evaluation, Json
from grpo_core.views.charts import CHARTS, Chart, Series
from grpo_core.views.settings import setting_text

MOST_RUNS = 6
CURVE_POINTS = 500
SHOWN_CHARTS = ("learning", "reward", "entropy", "length", "gradient")
DIFFERENT_IN_ALL = frozenset({"name"})
"""Settings whose differences say nothing."""


def side_by_side(runs_dir: Path, runs: Sequence[str]) -> Json:
    """`runs`, `charts` (each curve's points by run) and `config` (the settings that differ). Raises RunError."""
    if not 1 <= len(runs) <= MOST_RUNS:
        raise RunError(f"Choose up to {MOST_RUNS} runs to compare.")
    folders = [find_run(runs_dir, run) for run in dict.fromkeys(runs)]
    curves = [_curves_of(folder) for folder in folders]
    configs = [folder.config() if folder.config_file.is_file() else None for folder in folders]
    return {
        "runs": [folder.id for folder in folders],
        "charts": [_chart(chart, series, [each[series.key] for each in curves]) for chart, series in _shown()],
        "config": config_differences(configs),
        "evaluated": [each["evaluated"] for each in curves],
    }


def config_differences(configs: Sequence[RunConfig | None]) -> list[Json]:
    """`{key, values}` for each setting that is not the same in all; a run without a configuration has None."""
    settings = [config.model_dump() if config else None for config in configs]
    rows = []
    for key in RunConfig.model_fields:
        values = [None if each is None else setting_text(each[key]) for each in settings]
        if key not in DIFFERENT_IN_ALL and len(set(values)) > 1:
            rows.append({"key": key, "values": values})
    return rows


def _shown() -> list[tuple[Chart, Series]]:
    """The first curve of each chart; of the held-out ones pass@1, which has an interval, and greedy."""
    charts = [chart for chart in CHARTS if chart.id in SHOWN_CHARTS]
    found = [(chart, chart.series[0]) for chart in charts]
    pass_at_1 = next(series for series in charts[0].series if series.key == "pass@1")
    return [(charts[0], pass_at_1), *found]


def _chart(chart: Chart, series: Series, points: Sequence[Sequence[tuple[int, float]]]) -> Json:
    return {
        "id": series.key,
        "title": chart.title if chart.id != "learning" else f"{chart.title}: {series.label}",
        "unit": chart.unit,
        "meaning": series.meaning,
        "evaluated": series.origin == "evaluation",
        "curves": [{"steps": [step for step, _ in each], "values": [value for _, value in each]} for each in points],
    }


def _curves_of(folder: RunFolder) -> dict[str, Any]:
    reader = folder.reader()
    try:
        with reader.snapshot():
            evals = reader.evaluations_since()
            logged = [series.key for _, series in _shown() if series.origin == "metric"]
            metrics = {key: reader.curve(key, points=CURVE_POINTS) for key in logged}
    finally:
        reader.close()
    return {
        "evaluated": sorted({evaluation.step for evaluation in evals}),
        **{key: [((p.first + p.last) // 2, p.mean) for p in points] for key, points in metrics.items()},
        **{series.key: _evaluated(evals, series.key) for _, series in _shown() if series.origin == "evaluation"},
    }


def _evaluated(evals: Sequence[Evaluation], key: str) -> list[tuple[int, float]]:
    rows = [evaluation.to_json() for evaluation in evals]
    return [(row["step"], row[key]) for row in rows if row[key] is not None]
