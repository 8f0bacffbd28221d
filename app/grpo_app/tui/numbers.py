"""Every number of a run's overview in words: what it is, how it comes about, over what, and what to read behind it.
Pure: draws what `views.tiles`, `views.charts` and `views.explain` give.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap

from textual.content import Content

from grpo_app.tui.paint import bold, muted, outside_line
from grpo_app.tui.widgets.plot import PlotData
from grpo_core.text import clean_line
from grpo_core.types import Json
from grpo_core.views import Chart
from grpo_core.views.explain import SCOPE_WORDS, explain
from grpo_core.views.numbers import UNKNOWN, in_unit, interval

FILTERS = {"truncated": {"true": "yes"}}
"""Words of the search line that are others than the filter's own."""


def describe_numbers(tiles: Sequence[Json], charts: Mapping[Chart, PlotData], find: str, width: int) -> Content:
    """`find` is the key that opens the search line."""
    lines = [bold("Now")]
    for tile in tiles:
        value = in_unit(tile["value"], tile["unit"])
        note = interval(tile["low"], tile["high"])
        lines += _number(tile["label"], f"{value}  {note}".rstrip(), tile["meaning"], tile["key"], find, width)
    for chart, data in charts.items():
        lines += [Content(""), bold(chart.title)]
        for series, curve in zip(chart.series, data.curves, strict=True):
            value = in_unit(curve[-1][1], chart.unit) if curve else UNKNOWN
            lines += _number(series.label, value, series.meaning, series.key, find, width)
    return Content("\n").join(lines)


def _number(label: str, value: str, meaning: str, key: str, find: str, width: int) -> list[Content]:
    explained = explain(key)
    lines = [outside_line(label).append("  ").append(bold(value)).append("  ").append(outside_line(key))]
    about = [meaning]
    if explained is not None:
        about.append(f"= {explained.formula}; {SCOPE_WORDS[explained.scope]}; by {explained.by}")
    lines += [muted(f"  {part}") for text in about for part in wrap(clean_line(text), max(20, width - 5))]
    if explained is not None and explained.opens:
        lines.append(muted("  read behind it: ").append(bold(f"{find} {_search(explained.opens)}")))
    return [Content("  ").append(line) for line in lines]


def _search(filters: dict[str, str]) -> str:
    return " ".join(f"{name}:{FILTERS.get(name, {}).get(value, value)}" for name, value in filters.items())
