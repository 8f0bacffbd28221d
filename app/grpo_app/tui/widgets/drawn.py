"""A widget of lines that somebody else draws: of what is drawn anew only the lines that are others go to the screen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.containers import Container
from textual.content import Content
from textual.geometry import Region, Size
from textual.reactive import Reactive
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget


class Still(Widget):
    """Gives the lines that it gave before while none is to be drawn anew: Textual asks every widget on the screen for
    all of its lines whenever one has changed, and puts them together again."""

    auto_links: Reactive[bool] = Reactive(False)
    _given: tuple[Region, list[Strip]] | None = None

    def render_lines(self, crop: Region) -> list[Strip]:
        known = self._styles_cache
        if self._given is None or known._dirty_lines or not known._cache or self._given[0] != crop:
            self._given = (crop, super().render_lines(crop))
        return self._given[1]


class Box(Container, Still):
    """A container: what is seen of it, between its children and behind them, is mostly the same."""


class Drawn(Still):
    """Subclasses draw; whoever changes what they draw says `changed()`. On a slow link what stays costs nothing."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._drawn: tuple[Size, list[Content]] = (Size(), [])

    def draw(self, width: int, height: int) -> list[Content]:
        """Its lines in this size; lines that are not there are blank."""
        raise NotImplementedError

    def changed(self) -> None:
        size, before = self._drawn
        if not (self.size and self.display):
            self._drawn = (Size(), [])  # drawn when it is shown
            self.refresh()
            return
        self._drawn = (self.size, now := self.draw(*self.size))
        if size != self.size or len(before) != len(now):
            self.refresh()
            return
        pairs = enumerate(zip(before, now, strict=True))
        refresh_lines(self, [y for y, (old, new) in pairs if not old.is_same(new)])

    def render_line(self, y: int) -> Strip:
        if self._drawn[0] != self.size:
            self._drawn = (self.size, self.draw(*self.size))
        lines = self._drawn[1]
        return line_strip(self, lines[y] if y < len(lines) else Content(""), self.size.width, self.visual_style)


def refresh_lines(widget: Widget, lines: Sequence[int]) -> None:
    """Draw these anew, and no others."""
    if lines:
        widget.refresh(*(Region(0, y, widget.size.width, 1) for y in lines))


def name_pane(pane: Widget, title: Content | str) -> None:
    """In its border; a pane with the name that it has is not drawn anew."""
    content = Content(title) if isinstance(title, str) else title
    if pane.border_title != content.markup:
        pane.border_title = content


def line_strip(widget: Widget, content: Content, width: int, style: Style) -> Strip:
    """Exactly `width` cells of the line in the widget's colours. It is neither wrapped nor aligned nor selected: all
    that Textual does for any text costs several times what a line is worth."""
    pieces = content.render(style, end="", parse_style=widget.app.stylesheet.parse_style)
    strip = Strip([Segment(text, look.rich_style) for text, look in pieces])
    return strip.adjust_cell_length(width, style.rich_style)
