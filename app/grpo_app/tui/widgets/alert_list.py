"""The alerts of a run, each followed by the groups and completions that show it."""

from __future__ import annotations

from collections.abc import Hashable
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content

from grpo_app.tui.alerts import AlertRow, alert_rows, draw_row
from grpo_app.tui.keys import key
from grpo_app.tui.paint import fit, muted
from grpo_app.tui.widgets.line_list import LineList
from grpo_core.types import Json


class AlertList(LineList):
    BINDINGS: ClassVar[list[BindingType]] = [key("open", "choose", "Open what shows it", show=True)]

    def __init__(self) -> None:
        super().__init__(id="alerts")
        self.rows: list[AlertRow] = []

    def show(self, alerts: list[Json], on: Hashable) -> None:
        """With the cursor on the row of this key, if it is there."""
        self.rows = alert_rows(alerts)
        self.cursor = next((index for index, row in enumerate(self.rows) if row.key == on), 0)
        self.changed()

    @property
    def current(self) -> AlertRow | None:
        return self.rows[self.cursor] if self.rows else None

    def count(self) -> int:
        return len(self.rows)

    def head(self, width: int) -> Content:
        return muted("   what deserves a look, and what shows it" if self.rows else " Nothing deserves a look now.")

    def row(self, index: int, width: int) -> Content:
        return fit(draw_row(self.rows[index]), width)
