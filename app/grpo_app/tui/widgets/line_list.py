"""A list of one-line rows with a cursor, drawn line by line (Line API), so that 100,000 rows cost what 40 do."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual.binding import BindingType
from textual.content import Content, Span
from textual.events import Click, Resize
from textual.message import Message
from textual.strip import Strip
from textual.style import Style

from grpo_app.tui.keys import key
from grpo_app.tui.widgets.drawn import line_strip, refresh_lines
from grpo_app.tui.widgets.scrolled import Scrolled

MOST_KEPT = 400
"""Drawn rows that are kept: a few screens of them."""
NOTHING = Content("")


class Look(NamedTuple):
    """All that a line on the screen is made of."""

    text: str
    spans: tuple[Span, ...]
    width: int
    style: Style


class LineList(Scrolled, can_focus=True):
    """Subclasses say how many rows there are, and draw one. `cursor` is a row's number."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"lines--cursor", "lines--head"}
    BINDINGS: ClassVar[list[BindingType]] = [
        key("down", "move(1)"),
        key("up", "move(-1)"),
        key("page-down", "page(1)"),
        key("page-up", "page(-1)"),
        key("first", "first"),
        key("last", "last"),
        key("open", "choose"),
    ]

    class Moved(Message):
        """The person moved the cursor."""

        def __init__(self, lines: LineList) -> None:
            super().__init__()
            self.lines = lines

        @property
        def control(self) -> LineList:
            return self.lines

    class Chosen(Moved):
        """The person opened the row under the cursor."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.cursor = 0
        self._redraws = False
        self._seen: dict[int, Look] = {}
        self._strips: dict[Look, Strip] = {}

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()

    def count(self) -> int:
        raise NotImplementedError

    def row(self, index: int, width: int) -> Content:
        raise NotImplementedError

    def head(self, width: int) -> Content:
        """The line above the rows that names the columns."""
        raise NotImplementedError

    def changed(self) -> None:
        """The rows are others: draw them anew, with the cursor on one of them."""
        self.cursor = max(0, min(self.cursor, self.count() - 1))
        self.set_height(self.count() + 1)
        self.redraw()

    def put_cursor(self, index: int) -> None:
        """Move the cursor for the program: nobody is told."""
        if index != self.cursor:
            self.cursor = index
            self.redraw()
        self._show_cursor()

    def action_move(self, by: int) -> None:
        self._move_to(self.cursor + by)

    def action_page(self, by: int) -> None:
        self._move_to(self.cursor + by * max(1, self._visible_rows - 1))

    def action_first(self) -> None:
        self._move_to(0)

    def action_last(self) -> None:
        self._move_to(self.count() - 1)

    def action_choose(self) -> None:
        if self.count():
            self.post_message(self.Chosen(self))

    def on_click(self, event: Click) -> None:
        index = event.y - 1 + self.scroll_offset.y
        if event.y > 0 and index < self.count():
            self._move_to(index)
            if event.chain == 2:
                self.action_choose()

    def on_resize(self, event: Resize) -> None:
        self._show_cursor()

    def render_line(self, y: int) -> Strip:
        look = self._seen[y] = self._look(y, self.scrollable_content_region.width)
        return self._strip(look)

    def redraw(self) -> None:
        """Of what is in sight only the lines that look different, once for all that changes at a time."""
        if not self._redraws:
            self._redraws = True
            self.call_later(self._redraw)

    def _redraw(self) -> None:
        self._redraws = False
        width, height = self.scrollable_content_region.size
        different = [y for y in range(height) if self._seen.get(y) != self._look(y, width)]
        refresh_lines(self, different)

    def _look(self, y: int, width: int) -> Look:
        index = y - 1 + self.scroll_offset.y
        component = "lines--head" if y == 0 else "lines--cursor" if index == self.cursor else ""
        content = self.head(width) if y == 0 else self.row(index, width) if index < self.count() else NOTHING
        style = self.get_visual_style(component) if component else self.visual_style
        return Look(content.plain, tuple(content.spans), width, style)

    def _strip(self, look: Look) -> Strip:
        """A row that has only moved is made once: that is most of what a row costs."""
        strip = self._strips.get(look)
        if strip is None:
            if len(self._strips) >= MOST_KEPT:
                self._strips.clear()
            content = Content(look.text, list(look.spans))
            strip = self._strips[look] = line_strip(self, content, look.width, look.style)
        return strip

    @property
    def _visible_rows(self) -> int:
        """Rows below the head."""
        return max(1, self.scrollable_content_region.height - 1)

    def _move_to(self, index: int) -> None:
        index = max(0, min(index, self.count() - 1))
        if index == self.cursor or not self.count():
            return
        self.cursor = index
        self.redraw()
        self._show_cursor()
        self.post_message(self.Moved(self))

    def _show_cursor(self) -> None:
        top = self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, immediate=True)
        elif self.cursor >= top + self._visible_rows:
            self.scroll_to(y=self.cursor - self._visible_rows + 1, animate=False, immediate=True)
