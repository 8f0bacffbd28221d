"""A line of text, asked for on top of a screen: the note to a mark, another gold answer."""

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


class LinePrompt(ModalScreen[str | None]):
    """Gives what was typed, which may be empty; None if it was left."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "Close")]

    def __init__(self, asked: str, enters: str, placeholder: str = "", proposed: str = "") -> None:
        """`enters` says what enter does."""
        super().__init__()
        self._asked = asked
        self._enters = enters
        self._placeholder = placeholder
        self._proposed = proposed

    def compose(self) -> ComposeResult:
        with Container(id="confirm"):
            yield Static(bold(self._asked), markup=False)
            yield LineField("note", self._proposed, self._placeholder)
            yield Static(muted(f"enter {self._enters} · esc closes"), markup=False)

    def action_close(self) -> None:
        self.dismiss(None)

    @on(Input.Submitted)
    def _written(self, message: Input.Submitted) -> None:
        message.stop()
        self.dismiss(message.value.strip())
