"""A file's name, asked for on top of a screen."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from grpo_app.tui.paint import bold, muted
from grpo_app.tui.widgets.fields import LineField


class PathPrompt(ModalScreen[Path | None]):
    """Gives the file that was named; None if none was."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "Close")]

    def __init__(self, title: str, path: str) -> None:
        super().__init__()
        self._asked = title
        self._proposed = path

    def compose(self) -> ComposeResult:
        with Container(id="confirm"):
            yield Static(bold(self._asked), markup=False)
            yield LineField("path", self._proposed)
            yield Static(muted("enter takes it · esc closes"), markup=False)

    def action_close(self) -> None:
        self.dismiss(None)

    @on(Input.Submitted)
    def _named(self, message: Input.Submitted) -> None:
        message.stop()
        if message.value.strip():
            self.dismiss(Path(message.value.strip()).expanduser())
