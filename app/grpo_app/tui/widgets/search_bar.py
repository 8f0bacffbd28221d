"""The line in which one types what to find, with what may be typed below it."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input, Static

from grpo_app.tui.paint import muted, outside_line, toned
from grpo_app.tui.query import QueryError, Wanted, completed, parse_query
from grpo_app.tui.widgets.fields import LineField
from grpo_core.text import clean_line

SHOWN = "-shown"
HINTS = ("outcome: signal: split: step:10-20 length:100-", "source: level: truncated: marked: sort: or any text")


class Completing(Suggester):
    """Offers the rest of the word that is being typed; → takes it."""

    async def get_suggestion(self, value: str) -> str | None:
        return completed(value)


class SearchBar(Container):
    class Submitted(Message):
        """What the person wants to see; everything if the line is empty."""

        def __init__(self, wanted: Wanted) -> None:
            super().__init__()
            self.wanted = wanted

    def __init__(self) -> None:
        super().__init__(id="search")

    def compose(self) -> ComposeResult:
        yield LineField("query", placeholder="outcome:wrong …", suggester=Completing(), anew=False)
        yield Static(id="query-hint", markup=False)

    def open(self, line: str) -> None:
        field = self.query_one(Input)
        field.value = clean_line(line)
        field.cursor_position = len(field.value)
        self._say(muted("\n".join(HINTS)))
        self.set_class(True, SHOWN)
        field.focus()

    def close(self) -> None:
        self.set_class(False, SHOWN)

    @property
    def is_open(self) -> bool:
        return self.has_class(SHOWN)

    @on(Input.Submitted)
    def _typed(self, message: Input.Submitted) -> None:
        message.stop()
        try:
            wanted = parse_query(message.value)
        except QueryError as error:
            self._say(toned("! ", "bad").append(outside_line(str(error))))
        else:
            self.post_message(self.Submitted(wanted))

    def _say(self, content: Content) -> None:
        self.query_one("#query-hint", Static).update(content)
