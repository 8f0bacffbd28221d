"""As many of a run's charts as fit, held-out first; the others are a page away.

Which charts there are follows from what the run logs, as on the page.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.geometry import Size

from grpo_app.tui.curve_view import CurveView
from grpo_app.tui.keys import key, key_of
from grpo_app.tui.state import RunState
from grpo_app.tui.widgets.drawn import Box
from grpo_app.tui.widgets.plot import Plot, PlotData, shares
from grpo_core.views import CHARTS, Chart
from grpo_core.views.charts import charts_of

MIN_WIDTH, MIN_HEIGHT = 32, 7
GRID = 3
"""Columns and rows at most; where all fit with a place left, the first chart takes two."""


class ChartGrid(Box, can_focus=True):
    BINDINGS: ClassVar[list[BindingType]] = [
        key("down", "turn(1)"),
        key("up", "turn(-1)"),
        key("first", "turn_to(0)"),
        key("last", "turn_to(-1)"),
        key("smooth", "smooth", "Smooth the curves: more, not at all"),
        key("log-axis", "switch('log')", "Logarithmic axis of the curves, on or off"),
        key("outliers", "switch('clip')", "Outliers stretch the curves' axis, or do not"),
        Binding("right,pagedown", "turn(1)", "More curves", show=False),
        Binding("left,pageup", "turn(-1)", "Earlier curves", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(id="charts")
        self.page = 0
        self.charts: tuple[Chart, ...] = CHARTS
        self.data: dict[str, PlotData] = {}
        self.view = CurveView()
        self._places = (1, 1)

    def compose(self) -> ComposeResult:
        for _ in range(GRID * GRID):
            yield Plot()

    def show(self, state: RunState) -> None:
        """A plot draws itself anew only if its chart or its data is different."""
        drawn = charts_data(state)
        self.data = {chart.id: data for chart, data in drawn.items()}
        if tuple(drawn) != self.charts:
            self.charts = tuple(drawn)
            self._arrange(self.content_size)
        else:
            self._fill()

    def on_resize(self, event: Resize) -> None:
        self._arrange(self.content_size)

    def action_turn(self, by: int) -> None:
        self.page = (self.page + by) % self.pages
        self._arrange(self.content_size)

    def action_turn_to(self, page: int) -> None:
        self.page = page % self.pages
        self._arrange(self.content_size)

    def action_smooth(self) -> None:
        self._look(self.view.smoothed_next())

    def action_switch(self, part: str) -> None:
        self._look(replace(self.view, **{part: not getattr(self.view, part)}))

    def _look(self, view: CurveView) -> None:
        self.view = view
        self._arrange(self.content_size)

    @property
    def pages(self) -> int:
        return len(self._pages)

    @property
    def _pages(self) -> list[range]:
        return pages_of(len(self.charts), *self._places)

    def _arrange(self, size: Size) -> None:
        self._places = columns, rows = places_in(size)
        self.page = min(self.page, self.pages - 1)
        shown = self._pages[self.page]
        self.styles.grid_size_columns, self.styles.grid_size_rows = columns, rows
        for place, plot in enumerate(self.query(Plot)):
            plot.display = place < len(shown)
            double = place == shown.start == 0 and has_double(len(self.charts), columns, rows)
            plot.styles.column_span = 2 if double else 1
        self.border_title = f"Curves{self._ways(shown)}"
        self._fill()

    def _ways(self, shown: range) -> str:
        """Which of them these are, and the keys that the footer has no room for."""
        names = ("down", "up", "live", "log", "smooth")
        keys = {name: key_of(name, self.app.settings.keys) for name in names}  # type: ignore[attr-defined]
        of = f" {shown.start + 1}–{shown.stop} of {len(self.charts)} · {keys['down']} {keys['up']} others"
        looked = f"{keys['smooth']} {self.view.words or 'as they are'}"
        return f"{of if self.pages > 1 else ''} · {keys['live']} live · {keys['log']} log · {looked}"

    def _fill(self) -> None:
        shown = self.charts[self._pages[self.page].start : self._pages[self.page].stop]
        for chart, plot in zip(shown, self.query(Plot), strict=False):
            plot.show(chart, self.data.get(chart.id, PlotData()), self.view)


def charts_data(state: RunState) -> dict[Chart, PlotData]:
    """All charts of the run, in the order in which they are shown."""
    end = state.axis_end
    return {chart: plot_data(chart, state, end) for chart in charts_of(state.metrics.keys())}


def plot_data(chart: Chart, state: RunState, end: int) -> PlotData:
    """`end` is where the axis of steps ends, where there is a curve."""
    curves = tuple(tuple(state.points(series)) for series in chart.series)
    drawn = shares(curves) if chart.form == "share" else curves
    return PlotData(drawn, end if any(curves) else 0)


def places_in(size: Size) -> tuple[int, int]:
    """Columns and rows of charts that are still readable."""
    columns = max(1, min(GRID, size.width // MIN_WIDTH))
    most = GRID if columns > 1 else GRID * GRID
    return columns, max(1, min(most, size.height // MIN_HEIGHT))


def pages_of(charts: int, columns: int, rows: int) -> list[range]:
    """Which of so many charts each page holds."""
    places = columns * rows
    first = places - 1 if has_double(charts, columns, rows) else places
    starts = [0, *range(first, charts, places)]
    return [range(start, min(charts, end)) for start, end in zip(starts, [*starts[1:], charts], strict=True)]


def has_double(charts: int, columns: int, rows: int) -> bool:
    """Where all of them fit with a place left, the held-out chart is twice as wide."""
    return columns > 1 and columns * rows > charts
