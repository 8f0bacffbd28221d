"""The run's log: its last lines, wrapped, at the end of which one stays until one moves up."""

from __future__ import annotations

from collections import deque
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.events import Resize

from grpo_app.tui.keys import key
from grpo_app.tui.paint import fit, muted, outside, right
from grpo_app.tui.widgets.line_list import LineList
from grpo_core.views.numbers import count

MOST_LINES = 5_000
"""Lines that are kept; older ones are in the file."""


class LogView(LineList):
    BINDINGS: ClassVar[list[BindingType]] = [
        key("last", "last", "Follow the end", show=True, shown_as="G"),
        key("log", "screen.log", "Close the log", show=True),
    ]

    def __init__(self) -> None:
        super().__init__(id="log")
        self._lines: deque[str] = deque(maxlen=MOST_LINES)
        self._rows: list[Content] = []
        self._width = 0

    @property
    def following(self) -> bool:
        return self.cursor >= self.count() - 1

    def add(self, lines: list[str], anew: bool) -> None:
        """Put lines at the end, and stay there if one is there."""
        following = self.following
        if anew:
            self._lines.clear()
            self._rows = []
        self._lines.extend(lines)
        self._rows = (self._rows + [row for line in lines for row in self._fold(line)])[-MOST_LINES:]
        self._keep_place(following)

    def count(self) -> int:
        return len(self._rows)

    def head(self, width: int) -> Content:
        where = "following the end" if self.following else "G follows the end"
        return fit(muted(f"{count(len(self._lines))} lines"), width - len(where)).append(
            right(muted(where), len(where))
        )

    def row(self, index: int, width: int) -> Content:
        return fit(self._rows[index], width)

    def on_resize(self, event: Resize) -> None:
        width = self.scrollable_content_region.width
        if width != self._width:
            following = self.following
            self._width = width
            self._rows = [row for line in self._lines for row in self._fold(line)][-MOST_LINES:]
            self._keep_place(following)
        super().on_resize(event)

    def _keep_place(self, following: bool) -> None:
        self.changed()
        if following:
            self.put_cursor(max(0, self.count() - 1))
            self.call_after_refresh(self._show_cursor)

    def _fold(self, line: str) -> list[Content]:
        content = outside(line)
        if not self._width or content.cell_length <= self._width:
            return [content]
        return content.fold(max(2, self._width))
