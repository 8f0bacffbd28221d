"""The keys that matter now and, at the right, how often the screen looks at what it shows."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Footer, Static

from grpo_core.views.numbers import number


class PacedFooter(Footer):
    def __init__(self) -> None:
        super().__init__(show_command_palette=False, compact=True)

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield Static(_said(self.app.pace.seconds), id="pace", markup=False)  # type: ignore[attr-defined]

    def show_pace(self) -> None:
        for label in self.query("#pace").results(Static):
            label.update(_said(self.app.pace.seconds))  # type: ignore[attr-defined]


def _said(seconds: float) -> str:
    return f"↻ {number(seconds)}s"
