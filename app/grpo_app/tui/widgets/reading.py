"""A pane to read in: text that wraps and scrolls with the same keys as the lists."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

from grpo_app.tui.keys import key


class ReadingPane(VerticalScroll):
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
        self._shown: Content | None = None

    def compose(self) -> ComposeResult:
        yield Static(markup=False)

    def show(self, content: Content, keep_place: bool = False) -> None:
        """Draws only what is different; starts at the top, unless it is the same text that has grown."""
        if self._shown is not None and content.is_same(self._shown):
            return
        self._shown = content
        _put(self.query_one(Static), content)
        if not keep_place and self.scroll_y:
            self.scroll_home(animate=False)


def _put(text: Static, content: Content) -> None:
    """Only another number of lines lays out the screen."""
    text.update(content, layout=False)
    if text.get_content_height(Size(), Size(), text.size.width) != text.size.height:
        text.refresh(layout=True)
