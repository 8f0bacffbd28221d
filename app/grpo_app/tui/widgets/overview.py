"""A run at a glance: its numbers, its curves and, where there is room or on request, what is being sampled."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from grpo_app.tui.keys import key
from grpo_app.tui.state import RunState
from grpo_app.tui.widgets.alert_line import AlertLine
from grpo_app.tui.widgets.charts import ChartGrid
from grpo_app.tui.widgets.drawn import Box
from grpo_app.tui.widgets.ending import EndingPane
from grpo_app.tui.widgets.live_pane import LivePane
from grpo_app.tui.widgets.notes import NotesPane
from grpo_app.tui.widgets.tiles import Tiles

LIVE_SHOWN = "-live"
LIVE_HIDDEN = "-no-live"


class Overview(Box):
    """On a wide screen the live pane is there unless it was put away; on a small one it takes the curves' place."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("view", "screen.view", "Groups", show=True),
        key("problems", "screen.problems", "Problems", show=True),
        key("pause", "control('pause')", "Pause", show=True),
        key("pause", "control('resume')", "Resume", show=True),
        key("controls", "screen.controls", "Controls", show=True),
        key("playground", "app.playground", "Playground", show=True),
    ]

    def __init__(self) -> None:
        super().__init__(id="overview")

    def compose(self) -> ComposeResult:
        yield Tiles()
        yield AlertLine()
        yield EndingPane()
        yield NotesPane()
        with Box(id="pictures"):
            yield ChartGrid()
            yield LivePane()

    def on_mount(self) -> None:
        self.query_one(LivePane).border_title = "Live"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Here and not on the screen, as the footer asks also while another screen is on top."""
        return self.screen.check_action(action, parameters) if action == "control" else True

    def action_control(self, kind: str) -> None:
        self.screen.action_control(kind)  # type: ignore[attr-defined]

    def show(self, state: RunState) -> None:
        if state.run:
            self.query_one(Tiles).show(state.tiles())
            self.query_one(EndingPane).show(state.run)
            self.query_one(NotesPane).show(state.run)
        self.query_one(ChartGrid).show(state)

    def show_live(self, state: RunState) -> None:
        if state.live:
            self.query_one(LivePane).show(state.live)

    def toggle_live(self) -> None:
        if self.query_one(LivePane).styles.display != "none":
            self.set_class(True, LIVE_HIDDEN).set_class(False, LIVE_SHOWN)
        else:
            self.set_class(True, LIVE_SHOWN).set_class(False, LIVE_HIDDEN)
        self.call_after_refresh(self.focus_what_is_there)

    def focus_what_is_there(self) -> None:
        """Without a focus the footer would have no keys. The live pane takes it only where it stands alone."""
        grid, live = self.query_one(ChartGrid), self.query_one(LivePane)
        live.can_focus = not grid.region.width
        (live if live.can_focus else grid).focus()

    def turn_live(self, by: int) -> None:
        self.query_one(LivePane).turn(by)
