"""A note to a mark, asked for on top of a screen."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from grpo_app.tui.paint import bold, muted
from grpo_app.tui.widgets.fields import LineField


class NotePrompt(ModalScreen[str | None]):
    """Gives the note, which may be empty; None if it was left."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "Close")]

    def __init__(self, asked: str) -> None:
        super().__init__()
        self._asked = asked

    def compose(self) -> ComposeResult:
        with Container(id="confirm"):
            yield Static(bold(self._asked), markup=False)
            yield LineField("note", placeholder="a note, or nothing")
            yield Static(muted("enter marks it · esc leaves it"), markup=False)

    def action_close(self) -> None:
        self.dismiss(None)

    @on(Input.Submitted)
    def _written(self, message: Input.Submitted) -> None:
        message.stop()
        self.dismiss(message.value.strip())
