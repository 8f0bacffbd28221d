"""The left side of the groups: the run's list or, while something is looked for, what was found; the search bar.

Holds what is looked for; pages come through `ask` and `take`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message

from grpo_app.tui.finding import PAGE, find
from grpo_app.tui.keys import key
from grpo_app.tui.messages import Found
from grpo_app.tui.paint import muted, outside_line
from grpo_app.tui.query import Wanted
from grpo_app.tui.tail import Question
from grpo_app.tui.widgets.drawn import Box
from grpo_app.tui.widgets.found_list import FoundList
from grpo_app.tui.widgets.group_list import GroupList
from grpo_app.tui.widgets.search_bar import SearchBar
from grpo_core.runs import RunFolder
from grpo_core.types import Json
from grpo_core.views.numbers import count

FINDING = "-finding"
REFRESH_SECONDS = 2.0
"""How soon what is sampled meanwhile is looked through too."""
INDEXING_SECONDS = 0.4
"""How soon it is looked again while the index of texts is being made."""


class Finder(Box):
    BINDINGS: ClassVar[list[BindingType]] = [
        key("find", "screen.find", "Find", show=True),
        key("follow", "screen.follow", "Follow", show=True),
        key("ask", "screen.ask", "Ask", show=True),
        key("controls", "screen.controls", "Controls", show=True),
    ]

    class Changed(Message):
        """Other things are listed: what was looked for came, or is not looked for any more."""

    def __init__(self, folder: RunFolder, ask: Callable[[Question], None]) -> None:
        super().__init__(id="lists")
        self._folder = folder
        self._ask = ask
        self.wanted = Wanted()
        self._ticket = 0
        self._next: str | None = None
        self._total: int | None = None
        self._indexed: tuple[int, int] | None = None
        self._renewing = False

    def compose(self) -> ComposeResult:
        yield SearchBar()
        yield GroupList()
        yield FoundList()

    @property
    def found(self) -> FoundList:
        return self.query_one(FoundList)

    @property
    def bar(self) -> SearchBar:
        return self.query_one(SearchBar)

    @property
    def finding(self) -> bool:
        return not self.wanted.is_open

    @property
    def shown_list(self) -> FoundList | GroupList:
        return self.found if self.finding else self.query_one(GroupList)

    def open_bar(self) -> None:
        self.bar.open(self.wanted.line)

    def close_bar(self) -> None:
        self.bar.close()
        self.shown_list.focus()

    def look_for(self, wanted: Wanted) -> None:
        """Everything again, if it is open."""
        self.wanted = wanted
        self._ticket += 1
        self._next = self._total = self._indexed = None
        self.set_class(self.finding, FINDING)
        self.bar.close()
        self.shown_list.focus()
        if self.finding:
            self.found.begin()
            self._show_title()
            self._ask(find(self._folder, wanted, None, self._ticket, anew=False))
        else:
            self.post_message(self.Changed())

    def take(self, message: Found) -> None:
        """A page that was asked for; one of another search is too late."""
        if message.ticket != self._ticket or not self.finding:
            return
        if message.trouble is not None:
            self.found.status = message.trouble
            self.found.refresh()
            return
        first = not self.found.entries
        self._read(message.page, message.anew)
        self._show_title()
        if first and self.found.entries:
            self.post_message(self.Changed())

    def groups_changed(self) -> None:
        """The run went on: look through what is new, too, soon."""
        if self.finding and self.wanted.search.sort == "newest" and self.wanted.marked is None:
            self._renew_in(REFRESH_SECONDS)

    def marks_changed(self, marks: dict[tuple[int, int], Json]) -> None:
        self.found.marks = marks
        if self.wanted.marked is not None:
            self.look_for(self.wanted)
        self.found.refresh()

    def _read(self, page: Json, anew: bool) -> None:
        if not anew:
            self._next = page["next"]
            self.found.add(page)
        elif self.found.renew(page, whole=len(self.found.entries) < PAGE):
            self._next = page["next"]
        self._total = page["total"]
        self.found.status = "Nothing fits." if self.found.complete else "looking …"
        if "indexed" in page:
            self._indexed = (page["indexed"], page["groups_in_all"])
            if page["indexed"] < page["groups_in_all"]:
                self._renew_in(INDEXING_SECONDS)

    def _renew_in(self, seconds: float) -> None:
        if not self._renewing:
            self._renewing = True
            self.set_timer(seconds, self._renew)

    def _renew(self) -> None:
        self._renewing = False
        if self.finding:
            self._ask(find(self._folder, self.wanted, None, self._ticket, anew=True))

    @on(FoundList.MoreWanted)
    def _more_wanted(self, message: FoundList.MoreWanted) -> None:
        message.stop()
        if self._next is not None:
            self._ask(find(self._folder, self.wanted, self._next, self._ticket, anew=False))

    @on(SearchBar.Submitted)
    def _submitted(self, message: SearchBar.Submitted) -> None:
        message.stop()
        self.look_for(message.wanted)

    def _show_title(self) -> None:
        """The title says how much was found, and what is looked for."""
        line = outside_line(self.wanted.line)
        self.found.border_title = Content(f"{self._how_many()} · ").append(line).append(muted(" · esc clears"))

    def _how_many(self) -> str:
        if self._indexed and self._indexed[0] < self._indexed[1]:
            return f"searched {count(self._indexed[0])} of {count(self._indexed[1])} groups so far"
        what = self.found.entries[-1].kind if self.found.entries else "completions"
        if self._total is not None:
            return f"{count(self._total)} {what}"
        return f"{count(len(self.found.entries))} {what}{'' if self.found.complete else ' so far'}"


def marks_by_place(marks: Sequence[Json]) -> dict[tuple[int, int], Json]:
    """By group and completion."""
    return {(mark["group"], mark["index"]): mark for mark in marks}
