"""The alerts of a run with their evidence; gives the group or completion that was chosen to be looked at."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer

from grpo_app.tui.alerts import describe_alert
from grpo_app.tui.keys import key
from grpo_app.tui.widgets.alert_list import AlertList
from grpo_app.tui.widgets.reading import ReadingPane
from grpo_core.types import Json

Place = tuple[int, int | None]


class AlertsScreen(Screen[Place | None]):
    """Whoever opened it tells it of others through `show`."""

    BINDINGS: ClassVar[list[BindingType]] = [key("back", "back", "Back", show=True)]

    def __init__(self, alerts: list[Json]) -> None:
        super().__init__()
        self._alerts = alerts

    def compose(self) -> ComposeResult:
        yield AlertList()
        yield ReadingPane("evidence", can_focus=False)
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self.query_one(AlertList).border_title = "Alerts"
        self.query_one(ReadingPane).border_title = "Evidence"
        self.query_one(AlertList).focus()
        self._draw()

    def show(self, alerts: list[Json]) -> None:
        self._alerts = alerts
        if self.is_mounted:
            self._draw()

    @on(AlertList.Moved)
    def _moved(self, message: AlertList.Moved) -> None:
        message.stop()
        self._show_evidence()

    @on(AlertList.Chosen)
    def _chosen(self, message: AlertList.Chosen) -> None:
        message.stop()
        row = self.query_one(AlertList).current
        if row and row.place:
            self.dismiss(row.place)

    def action_back(self) -> None:
        self.dismiss(None)

    def _draw(self) -> None:
        self.query_one(AlertList).show(self._alerts)
        self._show_evidence()

    def _show_evidence(self) -> None:
        row = self.query_one(AlertList).current
        self.query_one(ReadingPane).show(describe_alert(row.alert) if row else Content(""))
