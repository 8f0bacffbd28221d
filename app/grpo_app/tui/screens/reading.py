"""A screen of text that a thread reads: drawn to the width there is, and anew when that changes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Footer

from grpo_app.tui.keys import key
from grpo_app.tui.messages import ViewRead
from grpo_app.tui.paint import muted, outside_line
from grpo_app.tui.widgets.reading import ReadingPane
from grpo_core.errors import GrpoDashError
from grpo_core.runs import RunFolder
from grpo_core.store import RunReader
from grpo_core.types import Json


class ReadingScreen(Screen[None]):
    """Subclasses say what is read, and draw it."""

    BINDINGS: ClassVar[list[BindingType]] = [key("back", "back", "Back", show=True)]

    def __init__(self) -> None:
        super().__init__()
        self.found: Json | None = None

    def look(self) -> Callable[[], Json]:
        """What is done in a thread. It may raise GrpoDashError."""
        raise NotImplementedError

    def draw(self, found: Json, width: int) -> Content:
        raise NotImplementedError

    def heading(self) -> Content:
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        yield ReadingPane("text")
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self.pane.border_title = self.heading()
        self.pane.show(muted("Reading …"))
        self.pane.focus()
        self.read()

    @property
    def pane(self) -> ReadingPane:
        return self.query_one(ReadingPane)

    def read(self) -> None:
        self.run_worker(partial(self._read, self.look()), thread=True, exclusive=True, name="reading")

    def action_back(self) -> None:
        self.app.pop_screen()

    def on_resize(self, event: Resize) -> None:
        self.call_after_refresh(self._draw)

    @on(ViewRead)
    def _view_read(self, message: ViewRead) -> None:
        if message.trouble is not None:
            self.pane.show(outside_line(f"! {message.trouble}"))
            return
        self.found = message.found
        self._draw()

    def _draw(self) -> None:
        if self.found is not None:
            self.pane.show(self.draw(self.found, max(20, self.pane.scrollable_content_region.width)), keep_place=True)
        self.pane.border_title = self.heading()

    def _read(self, look: Callable[[], Json]) -> None:
        try:
            self.post_message(ViewRead(look()))
        except (GrpoDashError, OSError) as error:
            self.post_message(ViewRead(None, str(error)))


class RunReadingScreen(ReadingScreen):
    """What is read is one run's."""

    def __init__(self, folder: RunFolder) -> None:
        super().__init__()
        self.folder = folder

    def question(self) -> Callable[[RunReader], Json]:
        """What is asked of the run, in a thread. It may raise GrpoDashError."""
        raise NotImplementedError

    def look(self) -> Callable[[], Json]:
        return partial(_ask, self.folder, self.question())


def _ask(folder: RunFolder, question: Callable[[RunReader], Json]) -> Json:
    with closing(folder.reader()) as reader, reader.snapshot():
        return question(reader)
