"""Training holds the only GPU: the sentence about it, and the two ways out."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import ModalScreen
from textual.widgets import Static

from grpo_app.tui.paint import bold, outside
from grpo_core.runs.gpu import GpuConflict

ASK_TRAINER, SUSPEND = "ask the trainer", "suspend"


class GpuScreen(ModalScreen[str | None]):
    """Gives the way out that was chosen; None if none was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", f"choose('{ASK_TRAINER}')", "Ask the trainer"),
        Binding("s", f"choose('{SUSPEND}')", "Suspend"),
        Binding("escape,q", "choose('')", "Close"),
    ]

    def __init__(self, conflict: GpuConflict) -> None:
        super().__init__()
        self._conflict = conflict

    def compose(self) -> ComposeResult:
        with Container(id="confirm"):
            yield Static(outside(self._conflict.sentence), markup=False)
            yield Static(bold("t").append(" the trainer answers at its next step"), markup=False)
            yield Static(bold("s").append(" suspend the run: it writes a checkpoint and goes on later"), markup=False)
            yield Static(bold("esc").append(" not now"), markup=False)

    def action_choose(self, choice: str) -> None:
        self.dismiss(choice or None)
