"""One run: its head, and below it either its curves or its groups. Owns the thread that reads the run."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import ContentSwitcher, Footer, Static

from grpo_app.tui.messages import GroupLoaded, LiveChanged, OlderGroups, ReferenceFound, RunChanged, RunTrouble
from grpo_app.tui.paint import outside_line
from grpo_app.tui.state import RunState
from grpo_app.tui.tail import RunTail, find_reference
from grpo_app.tui.widgets.charts import ChartGrid
from grpo_app.tui.widgets.groups_view import GroupsView
from grpo_app.tui.widgets.head import RunHead
from grpo_app.tui.widgets.overview import Overview
from grpo_core.runs import RunFolder
from grpo_core.views import Reference

OVERVIEW, GROUPS = "overview", "groups-view"


class RunScreen(Screen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "pane(1)", "Pane"),
        Binding("shift+tab", "pane(-1)", "Pane back", show=False),
        Binding("r", "view", "Run/Groups"),
        Binding("right_curly_bracket", "group(1)", "Group", key_display="{ }"),
        Binding("left_curly_bracket", "group(-1)", "Earlier group", show=False),
        Binding("right_square_bracket", "step(1)", "Step", key_display="[ ]"),
        Binding("left_square_bracket", "step(-1)", "Earlier step", show=False),
        Binding("f", "follow", "Follow"),
        Binding("l", "live", "Live"),
        Binding("enter", "groups", "Groups", show=False),
        Binding("escape", "back", "Back", show=False),
        *[Binding(str(digit), f"completion({digit})", show=False) for digit in range(1, 10)],
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-medium"), (140, "-wide")]

    def __init__(self, folder: RunFolder, reference: Reference | None = None) -> None:
        super().__init__()
        self.state = RunState()
        self.reference = reference or Reference(folder.id)
        self._tail = RunTail(folder, self.post_message)

    def compose(self) -> ComposeResult:
        yield RunHead()
        yield Static(id="trouble", markup=False)
        with ContentSwitcher(initial=OVERVIEW):
            yield Overview()
            yield GroupsView(self._tail.ask)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one(ChartGrid).focus()
        self._go_to(self.reference)
        self.run_worker(self._tail.run, thread=True, exclusive=True, name=f"tail {self._tail.folder.id}")

    def on_unmount(self) -> None:
        self._tail.stop()

    @property
    def view(self) -> str:
        return self.query_one(ContentSwitcher).current or OVERVIEW

    @property
    def groups(self) -> GroupsView:
        return self.query_one(GroupsView)

    # What the thread says.

    @on(RunChanged)
    def _run_changed(self, message: RunChanged) -> None:
        self.state.apply(message.change)
        if "run" in message.change and self.state.run:
            self.query_one(RunHead).show(self.state.run)
            self.query_one(RunHead).show_phase(self.state.phase)
        if message.change.keys() & {"run", "metrics", "evals"}:
            self.query_one(Overview).show(self.state)
        if "groups" in message.change:
            self.groups.groups_changed(message.change["groups"])

    @on(LiveChanged)
    def _live_changed(self, message: LiveChanged) -> None:
        self.state.live = message.live
        self.query_one(RunHead).show_phase(self.state.phase)
        self.query_one(Overview).show_live(message.live)

    @on(GroupLoaded)
    def _group_loaded(self, message: GroupLoaded) -> None:
        self.groups.group_came(message.group)

    @on(OlderGroups)
    def _older_groups(self, message: OlderGroups) -> None:
        self.groups.older_came(message.rows, message.last)

    @on(ReferenceFound)
    def _reference_found(self, message: ReferenceFound) -> None:
        if message.group_id is None:
            self.groups.show_nothing(f"There is nothing at {self.reference}.")
        else:
            self.groups.open_group(message.group_id)

    @on(RunTrouble)
    def _trouble(self, message: RunTrouble) -> None:
        bar = self.query_one("#trouble", Static)
        bar.update(outside_line(f"! {message.sentence or ''}"))
        bar.set_class(message.sentence is not None, "-shown")

    # Keys.

    def action_view(self) -> None:
        self._show(GROUPS if self.view == OVERVIEW else OVERVIEW)

    def action_groups(self) -> None:
        self._show(GROUPS)

    def action_back(self) -> None:
        if self.view == OVERVIEW:
            self.app.pop_screen()
        elif not self.groups.back():
            self._show(OVERVIEW)

    def action_pane(self, by: int) -> None:
        if self.view == GROUPS:
            self.groups.next_pane(by)

    def action_group(self, by: int) -> None:
        if self.view == GROUPS:
            self.groups.next_group(by)
        else:
            self.query_one(Overview).turn_live(by)

    def action_step(self, by: int) -> None:
        if self.view == GROUPS:
            self.groups.next_step(by)

    def action_completion(self, number: int) -> None:
        if self.view == GROUPS:
            self.groups.choose_completion(number - 1)

    def action_follow(self) -> None:
        self.groups.follow(not self.groups.following)

    def action_live(self) -> None:
        if self.view == GROUPS:
            self._show(OVERVIEW)
        else:
            self.query_one(Overview).toggle_live()

    def _show(self, view: str) -> None:
        self.query_one(ContentSwitcher).current = view
        if view == GROUPS:
            self.groups.focus_pane("groups")
        else:
            self.query_one(ChartGrid).focus()

    def _go_to(self, reference: Reference) -> None:
        if reference == Reference(reference.run):
            return
        self._show(GROUPS)
        self.groups.follow(False)
        self.groups.focus_pane("completions")
        if reference.group is not None:
            self.groups.open_group(reference.group, reference.completion)
        else:
            self._tail.ask(find_reference(reference))
