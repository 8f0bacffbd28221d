"""A pane to read in: text that wraps and scrolls with the same keys as the lists, and can be selected."""

from __future__ import annotations

from itertools import zip_longest
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.events import Resize
from textual.geometry import Size
from textual.selection import Selection
from textual.strip import Strip
from textual.visual import Visual

from grpo_app.tui.keys import key
from grpo_app.tui.widgets.drawn import refresh_lines
from grpo_app.tui.widgets.scrolled import Scrolled


class ReadingPane(Scrolled):
    BINDINGS: ClassVar[list[BindingType]] = [
        key("down", "scroll_down"),
        key("up", "scroll_up"),
        key("first", "scroll_home"),
        key("last", "scroll_end"),
        key("page-down", "page_down"),
        key("page-up", "page_up"),
    ]

    def __init__(self, id: str, *, can_focus: bool = True) -> None:
        super().__init__(id=id, can_focus=can_focus)
        self._content = Content("")
        self._width = 0
        self._lines: list[Strip] = []

    def show(self, content: Content, keep_place: bool = False) -> None:
        """Starts at the top, unless it is the same text that has grown."""
        if content.is_same(self._content):
            return
        self._content = content
        self._draw()
        if not keep_place and self.scroll_y:
            self.scroll_home(animate=False)

    def render(self) -> Content:
        """What can be selected."""
        return self._content

    def render_line(self, y: int) -> Strip:
        at, width = self.scroll_offset.y + y, self.scrollable_content_region.width
        if width != self._width:
            self._fold(width)
        return self._lines[at] if at < len(self._lines) else Strip.blank(width, self.visual_style.rich_style)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return self._content.get_height({}, width - self.scrollbar_size_vertical)

    def selection_updated(self, selection: Selection | None) -> None:
        self._draw()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._width = 0  # the lines have the colours in them

    def on_resize(self, event: Resize) -> None:
        """All is drawn anew, perhaps before this comes."""
        if (width := self.scrollable_content_region.width) != self._width:
            self._fold(width)
        self.set_height(len(self._lines))

    def _draw(self) -> None:
        """Of what is in sight only the lines that are others."""
        before = self._lines
        self._fold(self.scrollable_content_region.width)
        top = self.scroll_offset.y
        self.set_height(len(self._lines))
        seen, now = before[top : top + self.size.height], self._lines[top : top + self.size.height]
        pairs = enumerate(zip_longest(seen, now))
        refresh_lines(self, [y for y, (old, new) in pairs if old != new])

    def _fold(self, width: int) -> None:
        self._width = width
        self._lines = Visual.to_strips(self, self._content, width, None, self.visual_style, pad=True) if width else []
