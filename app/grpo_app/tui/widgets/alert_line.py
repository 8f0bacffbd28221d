"""One line on a run's overview: how many alerts there are, the newest in words, and the key that lists them."""

from __future__ import annotations

from textual.content import Content
from textual.events import Click
from textual.widget import Widget

from grpo_app.tui.alerts import draw_newest
from grpo_app.tui.paint import fit, muted
from grpo_core.types import Json


class AlertLine(Widget):
    """Not there where there is nothing to say."""

    def __init__(self) -> None:
        super().__init__(id="alert-line")
        self._alerts: list[Json] = []
        self._key = ""

    def show(self, alerts: list[Json], key: str) -> None:
        """`key` as the person knows it."""
        self._alerts, self._key = alerts, key
        self.set_class(bool(alerts), "-shown")
        self.refresh()

    def on_click(self, event: Click) -> None:
        self.screen.action_alerts()  # type: ignore[attr-defined]

    def render(self) -> Content:
        way = muted(f"  {self._key}  lists them")
        return fit(draw_newest(self._alerts), max(0, self.size.width - way.cell_length)).append(way)
