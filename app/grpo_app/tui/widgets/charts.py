"""As many of a run's charts as fit, held-out first; the others are a page away."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.events import Resize
from textual.geometry import Size

from grpo_app.tui.keys import key
from grpo_app.tui.state import RunState
from grpo_app.tui.widgets.plot import Plot, PlotData
from grpo_core.views import CHARTS

MIN_WIDTH, MIN_HEIGHT = 32, 7
GRID = 3
"""Columns and rows at most: nine places, of which the first chart takes two."""


class ChartGrid(Container, can_focus=True):
    BINDINGS: ClassVar[list[BindingType]] = [
        key("down", "turn(1)"),
        key("up", "turn(-1)"),
        key("first", "turn_to(0)"),
        key("last", "turn_to(-1)"),
        Binding("right,pagedown", "turn(1)", "More curves", show=False),
        Binding("left,pageup", "turn(-1)", "Earlier curves", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(id="charts")
        self.page = 0
        self._places = (1, 1)

    def compose(self) -> ComposeResult:
        for chart in CHARTS:
            yield Plot(chart)

    def show(self, state: RunState) -> None:
        """A plot draws itself anew only if its data is different."""
        for plot in self.query(Plot):
            curves = tuple(tuple(state.points(series)) for series in plot.chart.series)
            plot.data = PlotData(curves, state.last_step if any(curves) else 0)

    def on_resize(self, event: Resize) -> None:
        self._arrange(self.content_size)

    def action_turn(self, by: int) -> None:
        self.page = (self.page + by) % self.pages
        self._arrange(self.content_size)

    def action_turn_to(self, page: int) -> None:
        self.page = page % self.pages
        self._arrange(self.content_size)

    @property
    def pages(self) -> int:
        return len(pages_of(*self._places))

    def _arrange(self, size: Size) -> None:
        self._places = places_in(size)
        columns, rows = self._places
        pages = pages_of(columns, rows)
        self.page = min(self.page, len(pages) - 1)
        self.styles.grid_size_columns, self.styles.grid_size_rows = columns, rows
        shown = pages[self.page]
        for index, plot in enumerate(self.query(Plot)):
            plot.display = index in shown
            plot.styles.column_span = 2 if index == 0 and _has_double(columns, rows) else 1
        more = f" {shown.start + 1}–{shown.stop} of {len(CHARTS)} · j k for others" if len(pages) > 1 else ""
        self.border_title = f"Curves{more}"


def places_in(size: Size) -> tuple[int, int]:
    """Columns and rows of charts that are still readable."""
    columns = max(1, min(GRID, size.width // MIN_WIDTH))
    return columns, max(1, min(GRID if columns > 1 else len(CHARTS), size.height // MIN_HEIGHT))


def pages_of(columns: int, rows: int) -> list[range]:
    """Which charts each page holds."""
    places = columns * rows
    first = places - 1 if _has_double(columns, rows) else places
    starts = [0, *range(first, len(CHARTS), places)]
    return [range(start, min(len(CHARTS), end)) for start, end in zip(starts, [*starts[1:], len(CHARTS)], strict=True)]


def _has_double(columns: int, rows: int) -> bool:
    """Where all of them fit with a place left, the held-out chart is twice as wide."""
    return columns * rows > len(CHARTS)
