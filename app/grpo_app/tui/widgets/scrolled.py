"""A view of lines that scrolls (Line API): neither another number of lines nor a bar that stays costs a drawing."""

from __future__ import annotations

from typing import Self

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip
from textual.widget import Widget

from grpo_app.tui.widgets.drawn import Still, refresh_lines


class Scrolled(ScrollView, Still):
    """Subclasses draw lines and say by `set_height` how many there are."""

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        if self._vertical_scrollbar is None:
            self._vertical_scrollbar = bar = StillBar(name="vertical", thickness=self.scrollbar_size_vertical)
            bar.display = False
            self.app._start_widget(self, bar)
        return self._vertical_scrollbar

    def set_height(self, height: int) -> None:
        """Only a view that is as high as its lines moves others: another number of them lays out the screen."""
        size, in_flow = Size(0, height), self.styles.height
        if size == self.virtual_size:
            return
        if in_flow is None or in_flow.is_auto:
            self.virtual_size = size
        else:
            self.set_reactive(Widget.virtual_size, size)
        self._scroll_update(size)


class StillBar(ScrollBar, Still):
    """Textual's own, but of what is drawn anew only the cells that look different."""

    def __init__(self, name: str, thickness: int) -> None:
        super().__init__(vertical=True, name=name, thickness=thickness)
        self._cells: list[Segment] = []

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        if regions or layout or recompose or not (self.is_attached and self.size):
            return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
        before, self._cells = self._cells, self._draw()
        if len(before) != len(self._cells):
            return super().refresh(repaint=repaint)
        pairs = enumerate(zip(before, self._cells, strict=True))
        refresh_lines(self, [y for y, (old, new) in pairs if old != new])
        return self

    def render_line(self, y: int) -> Strip:
        if len(self._cells) != self.size.height:
            self._cells = self._draw()
        return Strip([self._cells[y]], self.size.width)

    def _draw(self) -> list[Segment]:
        """A segment for each line."""
        bar = self.render()
        assert isinstance(bar, ScrollBarRender)
        colours = self.app.console.get_style(bar.style)
        assert colours.bgcolor is not None
        assert colours.color is not None
        return list(
            bar.render_bar(
                self.size.height,
                bar.virtual_size,
                bar.window_size,
                bar.position,
                self.size.width,
                back_color=colours.bgcolor,
                bar_color=colours.color,
            ).segments
        )
