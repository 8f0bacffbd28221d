"""What can be done to the run, on top of it: by a letter or enter; what cannot be undone (…) is asked about."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Static

from grpo_app.tui.controls import is_asked_back, letter_of
from grpo_app.tui.paint import bold, fit, muted, outside_line
from grpo_app.tui.widgets.line_list import LineList
from grpo_core.types import Json

LABEL = 12


class ControlList(LineList):
    def __init__(self, controls: list[Json]) -> None:
        super().__init__(id="controls")
        self.controls = controls

    def on_mount(self) -> None:
        self.changed()

    def count(self) -> int:
        return len(self.controls)

    def head(self, width: int) -> Content:
        return muted("What makes sense now:" if self.controls else "Nothing can be done to it now.")

    def row(self, index: int, width: int) -> Content:
        control = self.controls[index]
        label = fit(f"{control['label']}{' …' if is_asked_back(control) else ''}", LABEL)
        return fit(bold(f" {letter_of(control)}  ").append(label).append(muted(control["meaning"])), width)


class ControlMenu(ModalScreen[Json | None]):
    """Gives the control that was chosen; None if none was."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "close", "Close")]

    def __init__(self, run_id: str, controls: list[Json]) -> None:
        super().__init__()
        self._run_id = run_id
        self._list = ControlList(controls)

    def compose(self) -> ComposeResult:
        with Container(id="menu"):
            yield self._list

    def on_mount(self) -> None:
        box = self.query_one("#menu")
        box.border_title = Content("Controls of ").append(outside_line(self._run_id))
        box.border_subtitle = "a letter or enter chooses · esc closes"
        self._list.focus()

    def on_key(self, event: Key) -> None:
        chosen = next((each for each in self._list.controls if letter_of(each) == event.character), None)
        if chosen:
            event.stop()
            self.dismiss(chosen)

    def action_close(self) -> None:
        self.dismiss(None)

    @on(ControlList.Chosen)
    def _chosen(self, message: ControlList.Chosen) -> None:
        message.stop()
        self.dismiss(self._list.controls[self._list.cursor])


class Confirm(ModalScreen[bool]):
    """A question with yes or no; only `y` is yes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes"),
        Binding("n,escape,q,enter", "answer(False)", "No"),
    ]

    def __init__(self, question: str, explanation: str) -> None:
        super().__init__()
        self._question = question
        self._explanation = explanation

    def compose(self) -> ComposeResult:
        with Container(id="confirm"):
            yield Static(bold("").append(outside_line(self._question)), markup=False)
            yield Static(outside_line(self._explanation), markup=False)
            yield Static(bold("y").append(" yes   ").append(bold("n")).append(" no"), markup=False)

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)
