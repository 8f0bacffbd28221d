"""A list of one-line rows with a cursor, drawn line by line (Line API), so that 100,000 rows cost what 40 do."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.events import Click, Resize
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from grpo_app.tui.keys import key


class LineList(ScrollView, can_focus=True):
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
        self.virtual_size = Size(0, self.count() + 1)
        self.refresh()

    def put_cursor(self, index: int) -> None:
        """Move the cursor for the program: nobody is told."""
        if index != self.cursor:
            self.cursor = index
            self.refresh()
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
        width = self.scrollable_content_region.width
        index = y - 1 + self.scroll_offset.y
        if y == 0:
            return self._strip(self.head(width), width, "lines--head")
        if index >= self.count():
            return self._strip(Content(""), width)
        return self._strip(self.row(index, width), width, "lines--cursor" if index == self.cursor else "")

    def _strip(self, content: Content, width: int, component: str = "") -> Strip:
        style = self.get_visual_style(component) if component else self.visual_style
        strips = Visual.to_strips(self, content, width, 1, style, apply_selection=False)
        line = strips[0] if strips else Strip.blank(0)
        return line.adjust_cell_length(width, style.rich_style)

    @property
    def _visible_rows(self) -> int:
        """Rows below the head."""
        return max(1, self.scrollable_content_region.height - 1)

    def _move_to(self, index: int) -> None:
        index = max(0, min(index, self.count() - 1))
        if index == self.cursor or not self.count():
            return
        self.cursor = index
        self.refresh()
        self._show_cursor()
        self.post_message(self.Moved(self))

    def _show_cursor(self) -> None:
        top = self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, immediate=True)
        elif self.cursor >= top + self._visible_rows:
            self.scroll_to(y=self.cursor - self._visible_rows + 1, animate=False, immediate=True)
