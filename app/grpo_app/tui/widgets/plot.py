"""One chart of a run: a title, its last values, and braille curves between two axes. Only what changed is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from math import floor, log10

from textual.content import Content

from grpo_app.tui.braille import Point, Range, braille, curve_cells, nice_range
from grpo_app.tui.curve_view import CurveView, logarithms, range_without_outliers, smoothed
from grpo_app.tui.paint import TONES, bold, fit, muted, outside, outside_line
from grpo_app.tui.widgets.drawn import Drawn
from grpo_core.views import Chart
from grpo_core.views.explain import SCOPE_WORDS, explain
from grpo_core.views.numbers import in_unit, number, percent

COLOURS = ("$text-success", "$text-warning", "$text-secondary", "$text-error", "$text-accent", "$foreground-muted")
FIRST_MARK, OTHER_MARK = "━", "┅"
AXIS_WIDTH = 7
"""Cells left of the curves, the axis included."""
ROWS_KEPT = 1024
"""Drawn rows that are kept, more than a screen has: a point more changes few of a chart's."""


@dataclass(frozen=True, slots=True)
class PlotData:
    """The curves of a chart, in the order of its series, and the step at which its axis ends; 0 without a curve."""

    curves: tuple[tuple[Point, ...], ...] = ()
    end: int = 0


class Plot(Drawn):
    """A chart in as many lines as it is given: the first is its title, the last the axis of steps."""

    def __init__(self) -> None:
        super().__init__()
        self.chart: Chart | None = None
        self.data = PlotData()
        self.view = CurveView()

    def show(self, chart: Chart, data: PlotData, view: CurveView) -> None:
        """Together: the curves of one chart are not another's."""
        if chart != self.chart:
            self.tooltip = outside(chart_meaning(chart))
        if (chart, data, view) != (self.chart, self.data, self.view):
            self.chart, self.data, self.view = chart, data, view
            self.changed()

    def draw(self, width: int, height: int) -> list[Content]:
        return draw_plot(self.chart, self.data, self.view, width, height) if self.chart else []


def chart_meaning(chart: Chart) -> str:
    """What each curve is, TRL's key for it, and how it comes about."""
    lines = []
    for series in chart.series:
        explained = explain(series.key)
        lines.append(f"{series.label}: {series.meaning} ({series.key})")
        lines += [f"  {explained.formula}; {SCOPE_WORDS[explained.scope]}"] if explained else []
    return "\n".join(lines)


def shares(curves: Sequence[tuple[Point, ...]]) -> tuple[tuple[Point, ...], ...]:
    """Counts at the same steps as shares of each step's sum."""
    totals: dict[float, float] = {}
    for step, value in (point for curve in curves for point in curve):
        totals[step] = totals.get(step, 0.0) + value
    return tuple(tuple((step, value / totals[step]) for step, value in curve if totals[step]) for curve in curves)


def draw_plot(chart: Chart, data: PlotData, view: CurveView, width: int, height: int) -> list[Content]:
    """The lines of a plot of this size. The title says the last values as they are, however the curves are drawn."""
    body = _body(chart, data, view, width, height - 2)
    return [fit(_title(chart, data, width), width), *body, _step_axis(data, width)]


def _title(chart: Chart, data: PlotData, width: int) -> Content:
    """The title and the last values, in the fullest form that fits. A share that was always 0 is left out."""
    known = [index for index, curve in enumerate(data.curves) if curve and _tells(chart, curve)]
    title = bold(chart.title)
    room = width - title.cell_length - 2
    labelled, bare = ([_legend(chart, data, index, each) for index in known] for each in (True, False))
    for legends in (labelled, labelled[:3], labelled[:2], bare, bare[:3], bare[:2]):
        if sum(legend.cell_length + 2 for legend in legends) - 2 <= room:
            return title.append("  ").append(Content("  ").join(legends))
    value = Content("  ").append(bare[0]) if known else Content("")
    return title.truncate(max(0, width - value.cell_length), ellipsis=True).append(value)


def _legend(chart: Chart, data: PlotData, index: int, labelled: bool) -> Content:
    """How a curve is drawn, what it is called if there is room, and its last value."""
    value = in_unit(data.curves[index][-1][1], chart.unit if index == 0 or chart.unit == "rate" else "")
    series = chart.series[index]
    label = muted(" ").append(outside_line(series.label).stylize(TONES["muted"])) if labelled else Content("")
    mark = series.mark or (OTHER_MARK if index else FIRST_MARK)
    return Content.styled(mark, _colour(chart, index)).append(label).append(f" {value}")


def _tells(chart: Chart, curve: tuple[Point, ...]) -> bool:
    return chart.form != "share" or any(value > 0 for _, value in curve)


def _colour(chart: Chart, index: int) -> str:
    return TONES.get(chart.series[index].tone, COLOURS[index % len(COLOURS)])


def _body(chart: Chart, data: PlotData, view: CurveView, width: int, rows: int) -> list[Content]:
    columns = width - AXIS_WIDTH
    if rows < 1 or columns < 4:
        return [Content("")] * max(0, rows)
    is_log = view.log and chart.unit != "rate"
    curves = _viewed(chart, data, view.smooth, is_log)
    if not any(curves):
        said = muted("nothing yet".center(columns))
        return [_label("").append(said if row == rows // 2 else "") for row in range(rows)]
    limits = _limits(chart, curves, view.clip, is_log)
    labels = _value_labels(chart, limits, rows, is_log)
    layers = [
        curve_cells(curve, columns, rows, (1, max(2, data.end)), limits, dotted=index > 0)
        for index, curve in enumerate(curves)
    ]
    colours = tuple(_colour(chart, index) for index in range(len(layers)))
    return [_row(labels[row], tuple(tuple(layer[row]) for layer in layers), colours) for row in range(rows)]


def _viewed(chart: Chart, data: PlotData, weight: float, is_log: bool) -> list[Sequence[Point]]:
    """The curves as they are looked at. Evaluations are few and far between: they are drawn as they are."""
    series = zip(chart.series, data.curves, strict=False)
    curves = [smoothed(curve, weight) if of.origin == "metric" else curve for of, curve in series]
    return [logarithms(curve) for curve in curves] if is_log else curves


def _limits(chart: Chart, curves: Sequence[Sequence[Point]], clips: bool, is_log: bool) -> Range:
    if chart.unit == "rate":
        return (0.0, 1.0)
    values = [y for curve in curves for _, y in curve]
    clipped = range_without_outliers(values) if clips else None
    return clipped or ((min(values), max(values)) if is_log and min(values) < max(values) else nice_range(values))


def _value_labels(chart: Chart, limits: Range, rows: int, is_log: bool) -> list[str]:
    show = _power if is_log else percent if chart.unit == "rate" else _precise(limits)
    labels = [""] * rows
    labels[-1] = show(limits[0])
    if rows >= 5:
        labels[rows // 2] = show((limits[0] + limits[1]) / 2) if rows % 2 else ""
    labels[0] = show(limits[1])
    return labels


def _power(logarithm: float) -> str:
    return number(10**logarithm)


def _precise(limits: Range) -> Callable[[float], str]:
    """As people read numbers, with more digits where the ends of the axis would read the same."""
    low, high = limits
    if low == high or len({number(low), number((low + high) / 2), number(high)}) == 3:
        return number
    digits = min(AXIS_WIDTH - 4, max(0, 1 - floor(log10(high - low))))
    return lambda value: f"{value:.{digits}f}"


@lru_cache(maxsize=ROWS_KEPT)
def _row(label: str, layers: tuple[tuple[int, ...], ...], colours: tuple[str, ...]) -> Content:
    dots, front = _overlaid(layers)
    parts: list[Content] = [_label(label)]
    for index, run in groupby(range(len(dots)), key=front.__getitem__):  # a colour is sent once for all cells in it
        text = "".join([braille(dots[x]) for x in run])
        parts.append(Content(text) if index is None else Content.styled(text, colours[index]))
    return Content("").join(parts)


def _overlaid(layers: Sequence[Sequence[int]]) -> tuple[list[int], list[int | None]]:
    """The dots of all curves in each cell, and the first curve with a dot there."""
    dots = [0] * len(layers[0])
    front: list[int | None] = [None] * len(dots)
    for index in reversed(range(len(layers))):
        for x, bits in enumerate(layers[index]):
            if bits:
                dots[x], front[x] = dots[x] | bits, index
    return dots, front


def _label(label: str) -> Content:
    return muted(f"{label:>{AXIS_WIDTH - 2}} {'┤' if label else '│'}")


def _step_axis(data: PlotData, width: int) -> Content:
    last = f" step {data.end}" if data.end else ""
    line = "─" * max(0, width - AXIS_WIDTH - len(last))
    return muted(f"{'└':>{AXIS_WIDTH}}{line}{last}")
