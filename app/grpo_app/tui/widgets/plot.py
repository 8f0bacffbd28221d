"""One chart of a run: a title, its last values, and braille curves between two axes. Drawn only when it changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from textual.content import Content
from textual.reactive import reactive
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget

from grpo_app.tui.braille import Point, Range, braille, curve_cells, nice_range
from grpo_app.tui.paint import bold, fit, muted
from grpo_core.views import Chart
from grpo_core.views.numbers import in_unit, number, percent

COLOURS = ("$text-success", "$text-warning", "$text-secondary")
LEGEND_MARKS = ("━", "┅", "┅")
AXIS_WIDTH = 7
"""Cells left of the curves, the axis included."""


@dataclass(frozen=True, slots=True)
class PlotData:
    """The curves of a chart, in the order of its series, and the last step that any chart of the run has."""

    curves: tuple[tuple[Point, ...], ...] = ()
    last_step: int = 0


class Plot(Widget):
    """A chart in as many lines as it is given: the first is its title, the last the axis of steps."""

    data: reactive[PlotData] = reactive(PlotData())

    def __init__(self, chart: Chart) -> None:
        super().__init__(id=f"plot-{chart.id}")
        self.chart = chart
        self.tooltip = "\n".join(f"{series.label}: {series.meaning} ({series.key})" for series in chart.series)
        self._drawn: tuple[object, list[Content]] | None = None

    def render_line(self, y: int) -> Strip:
        lines = self._lines()
        content = lines[y] if y < len(lines) else Content("")
        strips = Visual.to_strips(self, content, self.size.width, 1, self.visual_style, apply_selection=False)
        line = strips[0] if strips else Strip.blank(0)
        return line.adjust_cell_length(self.size.width, self.visual_style.rich_style)

    def _lines(self) -> list[Content]:
        key = (self.data, self.size)
        if self._drawn is None or self._drawn[0] != key:
            self._drawn = (key, draw_plot(self.chart, self.data, self.size.width, self.size.height))
        return self._drawn[1]


def draw_plot(chart: Chart, data: PlotData, width: int, height: int) -> list[Content]:
    """The lines of a plot of this size."""
    body = _body(chart, data, width, height - 2)
    return [fit(_title(chart, data, width), width), *body, _step_axis(data, width)]


def _title(chart: Chart, data: PlotData, width: int) -> Content:
    """The title and the last values, in the fullest form that fits."""
    known = [index for index, points in enumerate(data.curves) if points]
    title = bold(chart.title)
    room = width - title.cell_length - 2
    forms = [(known, True), (known[:2], True), (known, False), (known[:2], False)]
    for indices, labelled in forms:
        legend = Content("  ").join([_legend(chart, data, index, labelled) for index in indices])
        if legend.cell_length <= room:
            return title.append("  ").append(legend)
    value = Content("  ").append(_legend(chart, data, known[0], labelled=False)) if known else Content("")
    return title.truncate(max(0, width - value.cell_length), ellipsis=True).append(value)


def _legend(chart: Chart, data: PlotData, index: int, labelled: bool) -> Content:
    """How a curve is drawn, what it is called if there is room, and its last value."""
    value = in_unit(data.curves[index][-1][1], chart.unit if index == 0 or chart.unit == "rate" else "")
    label = muted(f" {chart.series[index].label}" if labelled else "")
    return Content.styled(LEGEND_MARKS[index], COLOURS[index]).append(label).append(f" {value}")


def _body(chart: Chart, data: PlotData, width: int, rows: int) -> list[Content]:
    columns = width - AXIS_WIDTH
    if rows < 1 or columns < 4:
        return [Content("")] * max(0, rows)
    values = [y for curve in data.curves for _, y in curve]
    limits = (0.0, 1.0) if chart.unit == "rate" else nice_range(values)
    if not values:
        said = muted("nothing yet".center(columns))
        return [_label("").append(said if row == rows // 2 else "") for row in range(rows)]
    labels = _value_labels(chart, limits, rows)
    layers = [
        curve_cells(curve, columns, rows, (1, max(2, data.last_step)), limits, dotted=index > 0)
        for index, curve in enumerate(data.curves)
    ]
    return [_row(labels[row], [layer[row] for layer in layers]) for row in range(rows)]


def _value_labels(chart: Chart, limits: Range, rows: int) -> list[str]:
    show = percent if chart.unit == "rate" else number
    labels = [""] * rows
    labels[-1] = show(limits[0])
    if rows >= 5:
        labels[rows // 2] = show((limits[0] + limits[1]) / 2) if rows % 2 else ""
    labels[0] = show(limits[1])
    return labels


def _row(label: str, layers: Sequence[list[int]]) -> Content:
    parts: list[Content] = [_label(label)]
    for cell in zip(*layers, strict=True):
        front = next((index for index, bits in enumerate(cell) if bits), None)
        bits = reduce(int.__or__, cell)
        parts.append(Content(" ") if front is None else Content.styled(braille(bits), COLOURS[front]))
    return Content("").join(parts)


def _label(label: str) -> Content:
    return muted(f"{label:>{AXIS_WIDTH - 2}} {'┤' if label else '│'}")


def _step_axis(data: PlotData, width: int) -> Content:
    last = f" step {data.last_step}" if data.last_step else ""
    line = "─" * max(0, width - AXIS_WIDTH - len(last))
    return muted(f"{'└':>{AXIS_WIDTH}}{line}{last}")
