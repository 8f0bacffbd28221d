"""Several runs side by side as text: where each stands, whether the difference is more than noise, which settings
differ. Pure: draws what `views` gives.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from grpo_app.tui.paint import bold, fit, muted, outside_line, right, toned
from grpo_core.types import Json
from grpo_core.views.numbers import UNKNOWN, in_unit

LABEL = 28
NARROWEST = 10


def describe_beside(found: Json, width: int) -> Content:
    """`found` is `views.side_by_side`'s with `pairs`: comparisons of the first run with each other one."""
    runs = found["runs"]
    column = max(NARROWEST, (width - LABEL - 1) // len(runs) - 1)
    lines = [_row("", [outside_line(run).stylize("bold") for run in runs], column)]
    lines += [_row(_title(chart), _last_values(chart), column) for chart in found["charts"]]
    lines += [Content(""), bold("Better, or noise?"), *_pairs(found["pairs"])]
    lines += [Content(""), bold("Settings that differ")]
    lines += [_row(row["key"], [_setting(value) for value in row["values"]], column) for row in found["config"]]
    if not found["config"]:
        lines.append(muted("none"))
    return Content("\n").join(lines)


def _title(chart: Json) -> str:
    """With what tells two curves of one chart apart in front."""
    chart_title, _, curve = chart["title"].partition(": ")
    return f"{curve} · {chart_title}" if curve else chart_title


def _last_values(chart: Json) -> list[Content]:
    """The newest value of each run, and its step."""
    return [
        muted(UNKNOWN)
        if not curve["values"]
        else Content(in_unit(curve["values"][-1], chart["unit"])).append(muted(f" at {curve['steps'][-1]}"))
        for curve in chart["curves"]
    ]


def _pairs(pairs: Sequence[Json]) -> list[Content]:
    lines = []
    for pair in pairs:
        if "trouble" in pair:
            lines.append(muted("· ").append(outside_line(pair["trouble"])))
            continue
        for sentence, measure in zip(pair["summary"], pair["measures"], strict=True):
            tone = "muted" if measure["noise"] else "good"
            lines.append(toned("~ " if measure["noise"] else "≠ ", tone).append(outside_line(sentence)))
    return lines


def _setting(value: str | None) -> Content:
    return muted(UNKNOWN) if value is None else outside_line(value)


def _row(label: str, cells: Sequence[Content], column: int) -> Content:
    return fit(muted(label), LABEL).append(" ").append(Content(" ").join([right(cell, column) for cell in cells]))
