"""The alerts of a run with their evidence; gives the group or completion that was chosen to be looked at, or where all
of an alert is listed."""

from __future__ import annotations

from collections.abc import Hashable
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
"""A group, and if it is one its completion."""


class AlertsScreen(Screen[Place | Json | None]):
    """Whoever opened it tells it of others through `show`. Gives a place, or an alert's `more`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("find", "list_all", "List all of them", show=True),
        key("back", "back", "Back", show=True),
    ]

    def __init__(self, alerts: list[Json], on: Hashable = None) -> None:
        """`on` is the row that is looked at; given where somebody left another such screen."""
        super().__init__()
        self._alerts = alerts
        self.on = on

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

    @property
    def _more(self) -> Json | None:
        """Where all that the current alert is about is listed."""
        row = self.query_one(AlertList).current
        more: Json | None = row.alert["more"] if row else None
        return more

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

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._more is not None if action == "list_all" else True

    def action_list_all(self) -> None:
        self.dismiss(self._more)

    def action_back(self) -> None:
        self.dismiss(None)

    def _draw(self) -> None:
        self.query_one(AlertList).show(self._alerts, self.on)
        self._show_evidence()

    def _show_evidence(self) -> None:
        self.refresh_bindings()
        row = self.query_one(AlertList).current
        self.on = row.key if row else None
        self.query_one(ReadingPane).show(describe_alert(row.alert) if row else Content(""))
