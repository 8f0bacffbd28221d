"""Panes of lines: what is the same is not drawn again, text wraps to the room there is and can be selected."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from textual.app import App, ComposeResult
from textual.content import Content
from textual.geometry import Offset, Region
from textual.selection import Selection
from textual.widget import Widget

from grpo_app.tui.widgets.reading import ReadingPane
from grpo_app.tui.widgets.scrolled import StillBar

LINES = [f"line {number}" for number in range(60)]


class Reader(App[None]):
    CSS = """
    ReadingPane { overflow-x: hidden; scrollbar-gutter: stable; scrollbar-size: 0 1; }
    #low { height: auto; max-height: 6; }
    """

    def compose(self) -> ComposeResult:
        yield ReadingPane("low")
        yield ReadingPane("text")

    @property
    def pane(self) -> ReadingPane:
        return self.query_one("#text", ReadingPane)

    @property
    def low(self) -> ReadingPane:
        return self.query_one("#low", ReadingPane)

    def show(self, *lines: str, keep_place: bool = False) -> None:
        self.pane.show(Content("\n".join(lines)), keep_place)


@contextmanager
def drawn_of(widget: Widget) -> Iterator[list[int]]:
    """The lines of a widget that are to be drawn anew; -1 for all of it."""
    lines: list[int] = []
    dirty = widget._set_dirty

    def seen(*regions: Region) -> None:
        lines.extend([region.y for region in regions] or [-1])
        dirty(*regions)

    with patch.object(widget, "_set_dirty", seen):
        yield lines


async def test_of_a_text_only_lines_that_are_others_are_drawn() -> None:
    app = Reader()
    async with app.run_test(size=(40, 12)) as pilot:
        app.show(*LINES)
        await pilot.pause()
        with drawn_of(app.pane) as drawn:
            app.show(*LINES)
            assert drawn == []
            app.show(*LINES[:3], "another", *LINES[4:])
            assert drawn == [3]


async def test_a_bar_is_drawn_where_its_thumb_has_moved() -> None:
    app = Reader()
    async with app.run_test(size=(40, 12)) as pilot:
        app.show(*LINES)
        await pilot.pause()
        bar = app.pane.vertical_scrollbar
        assert isinstance(bar, StillBar)
        with drawn_of(bar) as drawn:
            app.show(*LINES, "one more")
            assert len(drawn) <= 1
            app.pane.scroll_end(animate=False)
            await pilot.pause()
            assert bar.size.height - 1 in drawn
            assert -1 not in drawn
        assert bar.render_line(bar.size.height - 1) != bar.render_line(0)


async def test_text_wraps_beside_the_bar_and_is_read_to_its_end() -> None:
    app = Reader()
    async with app.run_test(size=(20, 12)) as pilot:
        app.show("word " * 60, "the end")
        await pilot.pause()
        shown = [app.pane.render_line(y) for y in range(app.pane.size.height)]
        assert {line.text.rstrip() for line in shown} == {"word word word word"}
        app.pane.scroll_end(animate=False)
        await pilot.pause()
        assert "the end" in app.pane.render_line(app.pane.size.height - 1).text
        await pilot.resize_terminal(60, 12)
        await pilot.pause()
        assert "word " * 11 in app.pane.render_line(0).text


async def test_a_pane_is_as_high_as_its_text_up_to_a_limit() -> None:
    app = Reader()
    async with app.run_test(size=(40, 12)) as pilot:
        app.low.show(Content("one\ntwo"))
        await pilot.pause()
        assert app.low.region.height == 2
        app.low.show(Content("\n".join(LINES)))
        await pilot.pause()
        assert app.low.region.height == 6
        assert app.low.max_scroll_y == len(LINES) - 6


async def test_the_same_text_that_has_grown_stays_where_one_reads() -> None:
    app = Reader()
    async with app.run_test(size=(40, 12)) as pilot:
        app.show(*LINES)
        await pilot.pause()
        app.pane.scroll_to(y=9, animate=False)
        await pilot.pause()
        app.show(*LINES, "more", keep_place=True)
        await pilot.pause()
        assert app.pane.scroll_offset.y == 9
        app.show("other")
        await pilot.pause()
        assert app.pane.scroll_offset.y == 0


async def test_what_is_selected_stays_selected_while_text_grows_and_has_no_breaks_where_it_wraps() -> None:
    app = Reader()
    async with app.run_test(size=(20, 12)) as pilot:
        long = "so long a line that it wraps"
        app.show("first", long)
        await pilot.pause()
        plain = app.pane.render_line(1)
        app.screen.selections = {app.pane: Selection(Offset(0, 1), Offset(len(long), 1))}
        await pilot.pause()
        assert app.pane.render_line(1) != plain, "it stands out"
        app.show("first", long, "more", keep_place=True)
        assert app.screen.get_selected_text() == long
