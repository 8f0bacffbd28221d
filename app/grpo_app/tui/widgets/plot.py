"""One chart of a run: a title, its last values, and braille curves between two axes. Drawn only when it changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby
from math import floor, log10
from operator import itemgetter

from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget

from grpo_app.tui.braille import Point, Range, braille, curve_cells, nice_range
from grpo_app.tui.paint import TONES, bold, fit, muted, outside, outside_line
from grpo_core.views import Chart
from grpo_core.views.explain import SCOPE_WORDS, explain
from grpo_core.views.numbers import in_unit, number, percent

COLOURS = ("$text-success", "$text-warning", "$text-secondary", "$text-error", "$text-accent", "$foreground-muted")
FIRST_MARK, OTHER_MARK = "━", "┅"
AXIS_WIDTH = 7
"""Cells left of the curves, the axis included."""


@dataclass(frozen=True, slots=True)
class PlotData:
    """The curves of a chart, in the order of its series, and the last step that any chart of the run has."""

    curves: tuple[tuple[Point, ...], ...] = ()
    last_step: int = 0


class Plot(Widget):
    """A chart in as many lines as it is given: the first is its title, the last the axis of steps."""

    def __init__(self) -> None:
        super().__init__()
        self.chart: Chart | None = None
        self.data = PlotData()
        self._drawn: tuple[object, list[Content]] | None = None

    def show(self, chart: Chart, data: PlotData) -> None:
        """Together: the curves of one chart are not another's."""
        if chart != self.chart:
            self.tooltip = outside(chart_meaning(chart))
        if (chart, data) != (self.chart, self.data):
            self.chart, self.data = chart, data
            self._draw_changed()

    def _draw_changed(self) -> None:
        """Only the lines that are others are sent: on a slow link a curve that grows costs little."""
        before = self._drawn[1] if self._drawn else []
        now = self._lines()
        if len(before) != len(now):
            self.refresh()
            return
        for y, (old, new) in enumerate(zip(before, now, strict=True)):
            if not old.is_same(new):
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        lines = self._lines()
        content = lines[y] if y < len(lines) else Content("")
        strips = Visual.to_strips(self, content, self.size.width, 1, self.visual_style, apply_selection=False)
        line = strips[0] if strips else Strip.blank(0)
        return line.adjust_cell_length(self.size.width, self.visual_style.rich_style)

    def _lines(self) -> list[Content]:
        if self.chart is None:
            return []
        key = (self.chart, self.data, self.size)
        if self._drawn is None or self._drawn[0] != key:
            self._drawn = (key, draw_plot(self.chart, self.data, self.size.width, self.size.height))
        return self._drawn[1]


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


def draw_plot(chart: Chart, data: PlotData, width: int, height: int) -> list[Content]:
    """The lines of a plot of this size."""
    body = _body(chart, data, width, height - 2)
    return [fit(_title(chart, data, width), width), *body, _step_axis(data, width)]


def _title(chart: Chart, data: PlotData, width: int) -> Content:
    """The title and the last values, in the fullest form that fits. A share that was always 0 is left out."""
    known = [index for index, curve in enumerate(data.curves) if curve and _tells(chart, curve)]
    title = bold(chart.title)
    room = width - title.cell_length - 2
    forms = [
        (known, True),
        (known[:3], True),
        (known[:2], True),
        (known, False),
        (known[:3], False),
        (known[:2], False),
    ]
    for indices, labelled in forms:
        legend = Content("  ").join([_legend(chart, data, index, labelled) for index in indices])
        if legend.cell_length <= room:
            return title.append("  ").append(legend)
    value = Content("  ").append(_legend(chart, data, known[0], labelled=False)) if known else Content("")
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
        curve_cells(curve, columns, rows, (1, max(2, axis_end(data.last_step))), limits, dotted=index > 0)
        for index, curve in enumerate(data.curves)
    ]
    colours = [_colour(chart, index) for index in range(len(layers))]
    return [_row(labels[row], [layer[row] for layer in layers], colours) for row in range(rows)]


def _value_labels(chart: Chart, limits: Range, rows: int) -> list[str]:
    show = percent if chart.unit == "rate" else _precise(limits)
    labels = [""] * rows
    labels[-1] = show(limits[0])
    if rows >= 5:
        labels[rows // 2] = show((limits[0] + limits[1]) / 2) if rows % 2 else ""
    labels[0] = show(limits[1])
    return labels


def _precise(limits: Range) -> Callable[[float], str]:
    """As people read numbers, with more digits where the ends of the axis would read the same."""
    low, high = limits
    if low == high or len({number(low), number((low + high) / 2), number(high)}) == 3:
        return number
    digits = min(AXIS_WIDTH - 4, max(0, 1 - floor(log10(high - low))))
    return lambda value: f"{value:.{digits}f}"


def _row(label: str, layers: Sequence[list[int]], colours: Sequence[str]) -> Content:
    parts: list[Content] = [_label(label)]
    cells = [(_front(cell), reduce(int.__or__, cell)) for cell in zip(*layers, strict=True)]
    for front, run in groupby(cells, key=itemgetter(0)):  # a colour is sent once for all cells that follow in it
        text = "".join(braille(bits) for _, bits in run)
        parts.append(Content(text) if front is None else Content.styled(text, colours[front]))
    return Content("").join(parts)


def _front(cell: Sequence[int]) -> int | None:
    """The first curve with a dot there."""
    return next((index for index, bits in enumerate(cell) if bits), None)


def _label(label: str) -> Content:
    return muted(f"{label:>{AXIS_WIDTH - 2}} {'┤' if label else '│'}")


def axis_end(last_step: int) -> int:
    """Where the axis of steps ends: rounded up to two digits, so that curves grow into it and do not all move."""
    unit = 10 ** max(0, len(str(last_step)) - 2)
    return -(-last_step // unit) * unit


def _step_axis(data: PlotData, width: int) -> Content:
    last = f" step {axis_end(data.last_step)}" if data.last_step else ""
    line = "─" * max(0, width - AXIS_WIDTH - len(last))
    return muted(f"{'└':>{AXIS_WIDTH}}{line}{last}")
