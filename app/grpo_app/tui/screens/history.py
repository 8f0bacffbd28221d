"""What was asked in the playground before, newest first: pick one to see it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.screen import ModalScreen

from grpo_app.tui.messages import HistoryListed
from grpo_app.tui.paint import fit, muted, outside_line, right, toned
from grpo_app.tui.playground_work import PAGE, read_history
from grpo_app.tui.widgets.line_list import LineList
from grpo_core.runs.playground import Playground
from grpo_core.store import Asked


class HistoryList(LineList):
    def __init__(self) -> None:
        super().__init__(id="history")
        self.asked: list[Asked] = []
        self.said = "Reading …"

    def count(self) -> int:
        return len(self.asked)

    def head(self, width: int) -> Content:
        return _columns(width, "asked", "model", "right", "prompt") if self.asked else muted(self.said)

    def row(self, index: int, width: int) -> Content:
        asked = self.asked[index]
        when = datetime.fromtimestamp(asked.asked_at).astimezone().strftime("%m-%d %H:%M")
        prompt = outside_line(asked.question.prompt)
        sides = (asked, *asked.beside)
        labels = outside_line(" | ".join(side.question.subject.label for side in sides))
        return _columns(width, when, labels, results_of(sides), prompt)


class HistoryScreen(ModalScreen[Asked | None]):
    """Gives the question that was picked. Older pages are read as one comes to the end."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "close", "Close")]

    def __init__(self, playground: Playground) -> None:
        super().__init__()
        self._playground = playground
        self._complete = False

    def compose(self) -> ComposeResult:
        with Container(id="past"):
            yield HistoryList()

    def on_mount(self) -> None:
        box = self.query_one("#past")
        box.border_title = "Asked before"
        box.border_subtitle = "enter opens · esc closes"
        self._list.focus()
        self._read(None)

    @property
    def _list(self) -> HistoryList:
        return self.query_one(HistoryList)

    def action_close(self) -> None:
        self.dismiss(None)

    @on(HistoryListed)
    def _listed(self, message: HistoryListed) -> None:
        self._complete = len(message.page) < PAGE
        self._list.said = message.trouble or "Nothing was asked yet."
        self._list.asked += message.page
        self._list.changed()

    @on(HistoryList.Moved)
    def _moved(self, message: HistoryList.Moved) -> None:
        message.stop()
        if self._list.cursor == self._list.count() - 1 and not self._complete:
            self._complete = True
            self._read(self._list.asked[-1].id)

    @on(HistoryList.Chosen)
    def _chosen(self, message: HistoryList.Chosen) -> None:
        message.stop()
        self.dismiss(self._list.asked[self._list.cursor])

    def _read(self, before: int | None) -> None:
        self.run_worker(partial(read_history, self._playground, self.post_message, before), thread=True)


def results_of(sides: Sequence[Asked]) -> Content:
    """A result a side; one word for a question that was cancelled, whichever side was being answered."""
    if any(side.is_cut_short for side in sides):
        return muted("cancelled")
    return Content(" | ").join([_right(side) for side in sides])


def _right(asked: Asked) -> Content:
    """How many of its completions are right, if they were judged."""
    if asked.error is not None:
        return toned("failed", "bad")
    verdicts = [completion.verdict for completion in asked.completions if completion.verdict]
    if not verdicts:
        return muted(f"{len(asked.completions)}")
    return Content(f"{sum(verdict.outcome == 'correct' for verdict in verdicts)}/{len(verdicts)} ✓")


def _columns(width: int, *cells: Any) -> Content:
    when, model, right_, prompt = cells
    parts = [fit(when, 11), fit(model, 20 if width < 110 else 44), right(right_, 15)]
    used = sum(part.cell_length + 1 for part in parts) + 1
    return Content(" ").join([Content(""), *parts, fit(prompt, max(0, width - used))])
