"""One run: its head, and below it its curves, its groups or its log. Owns the threads that read the run."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import ContentSwitcher, Static

from grpo_app.tui.alerts import newest_first, query_of
from grpo_app.tui.controls import asked_words, do_control, explanation_of, is_asked_back, news_of, offered_controls
from grpo_app.tui.explaining import Explaining
from grpo_app.tui.keys import key, key_of
from grpo_app.tui.log_tail import LogTail
from grpo_app.tui.messages import (
    AlertsChanged,
    CommandsChanged,
    Found,
    GroupLoaded,
    LogGrew,
    MarksChanged,
    OlderGroups,
    ReferenceFound,
    RunChanged,
    RunTrouble,
    Said,
    VerdictExplained,
)
from grpo_app.tui.numbers import describe_numbers
from grpo_app.tui.paint import outside_line
from grpo_app.tui.query import parse_query
from grpo_app.tui.say import say
from grpo_app.tui.screens.alerts import AlertsScreen, Place
from grpo_app.tui.screens.completion_actions import CompletionActions
from grpo_app.tui.screens.controls import Confirm, ControlMenu
from grpo_app.tui.screens.numbers import NumbersScreen
from grpo_app.tui.screens.problems import ProblemsScreen
from grpo_app.tui.screens.settings import SettingsScreen
from grpo_app.tui.state import RunState
from grpo_app.tui.tail import Pace, RunTail, find_reference
from grpo_app.tui.widgets.alert_line import AlertLine
from grpo_app.tui.widgets.charts import ChartGrid, charts_data
from grpo_app.tui.widgets.footer import PacedFooter
from grpo_app.tui.widgets.groups_view import GroupsView
from grpo_app.tui.widgets.head import RunHead
from grpo_app.tui.widgets.log_view import LogView
from grpo_app.tui.widgets.overview import Overview
from grpo_core.errors import GrpoDashError
from grpo_core.runs import RunFolder
from grpo_core.runs.explainer import Explainer
from grpo_core.runs.status import ALIVE
from grpo_core.types import Json
from grpo_core.views import Reference

OVERVIEW, GROUPS, LOG = "overview", "groups-view", "log"


class RunScreen(CompletionActions):
    BINDINGS: ClassVar[list[BindingType]] = [
        key("controls", "controls"),
        # The views show those of these keys that matter most in them.
        key("next-pane", "pane(1)"),
        key("previous-pane", "pane(-1)"),
        key("view", "view"),
        key("pause", "control('pause')"),
        key("pause", "control('resume')"),
        key("later-group", "group(1)"),
        key("earlier-group", "group(-1)"),
        key("later-step", "step(1)"),
        key("earlier-step", "step(-1)"),
        key("follow", "follow"),
        key("live", "live"),
        key("log", "log"),
        key("ask", "ask"),
        key("new-run", "app.new_run"),
        key("find", "find"),
        key("verifier-wrong", "mark('verifier_wrong')"),
        key("suspicious", "mark('suspicious')"),
        key("compare", "compare"),
        key("objectives", "objectives"),
        key("alerts", "alerts"),
        key("judge-again", "judge_again"),
        key("numbers", "numbers"),
        key("settings", "settings"),
        key("problems", "problems"),
        key("playground", "app.playground"),
        key("open", "groups"),
        key("back", "back"),
        *[Binding(str(digit), f"completion({digit})", show=False) for digit in range(10)],
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-medium"), (140, "-wide")]

    def __init__(self, folder: RunFolder, pace: Pace, explainer: Explainer, reference: Reference | None = None) -> None:
        super().__init__(folder, explainer)
        self.state = RunState()
        self._pace = pace
        self._opened_at = time.time()
        self.reference = reference or Reference(folder.id)
        self._tail = RunTail(folder, self.post_message, pace)
        self._explaining = Explaining(explainer, self.post_message)
        self._log_tail: LogTail | None = None
        self._came_from: Callable[[], None] | None = None
        """Where back leads to from a group that was opened there."""
        self._alert: Hashable = None

    def pace_changed(self) -> None:
        self._tail.hurry()
        self.query_one(PacedFooter).show_pace()

    def compose(self) -> ComposeResult:
        yield RunHead(self._pace)
        yield Static(id="trouble", markup=False)
        with ContentSwitcher(initial=OVERVIEW):
            yield Overview()
            yield GroupsView(self.folder, self._tail.ask, self._explaining.ask)
            yield LogView()
        yield PacedFooter()

    def on_mount(self) -> None:
        self.query_one(LogView).border_title = outside_line(f"Log of {self.folder.id}")
        self.query_one(ChartGrid).focus()
        self._go_to(self.reference)
        self.run_worker(self._tail.run, thread=True, name=f"tail {self.folder.id}")
        self.run_worker(self._explaining.run, thread=True, name=f"oracle {self.folder.id}")

    def on_unmount(self) -> None:
        self._tail.stop()
        self._explaining.stop()
        if self._log_tail:
            self._log_tail.stop()

    @property
    def view(self) -> str:
        return self.query_one(ContentSwitcher).current or OVERVIEW

    @property
    def controls(self) -> list[Json]:
        """What can be done to the run now."""
        return offered_controls(self.state.run, self.state.commands, time.time())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Of pause and resume, which share a key, only the one that makes sense is there."""
        if action != "control":
            return True
        return any(control["kind"] == parameters[0] for control in self.controls)

    # What the threads say.

    @on(RunChanged)
    def _run_changed(self, message: RunChanged) -> None:
        change = message.change
        offered = [control["kind"] for control in self.controls]
        self.state.apply(change)
        if change.keys() & {"run", "live"}:
            self._show_head()
            if offered != [control["kind"] for control in self.controls]:
                self.refresh_bindings()  # makes the footer anew, and with it lays out the whole screen
        if self.view == OVERVIEW and change.keys() & {"run", "metrics", "evals", "reset"}:
            self.query_one(Overview).show(self.state)
        if self.view == OVERVIEW and "live" in change:
            self.query_one(Overview).show_live(self.state)
        if change.get("reset"):
            self.groups.forget()
        if "groups" in change:
            self.groups.groups_changed(change["groups"])
            for screen in self.app.screen_stack:
                if isinstance(screen, ProblemsScreen):
                    screen.changed()

    @on(CommandsChanged)
    def _commands_changed(self, message: CommandsChanged) -> None:
        for sentence in news_of(self.state.commands, message.commands, self._opened_at):
            say(self, Said(sentence))
        self.state.commands = message.commands
        self._show_head()

    @on(GroupLoaded)
    def _group_loaded(self, message: GroupLoaded) -> None:
        self.groups.group_came(message.group)

    @on(OlderGroups)
    def _older_groups(self, message: OlderGroups) -> None:
        self.groups.older_came(message.rows, message.last)

    @on(MarksChanged)
    def _marks_changed(self, message: MarksChanged) -> None:
        self.groups.marks_changed(message.marks)

    @on(AlertsChanged)
    def _alerts_changed(self, message: AlertsChanged) -> None:
        self.state.alerts = newest_first(self.state.alerts, message.alerts)
        self.query_one(AlertLine).show(self.state.alerts, key_of("alerts", self.app.settings.keys))  # type: ignore[attr-defined]
        for screen in self.app.screen_stack:
            if isinstance(screen, AlertsScreen):
                screen.show(self.state.alerts)

    @on(Found)
    def _found(self, message: Found) -> None:
        self.groups.finder.take(message)

    @on(VerdictExplained)
    def _verdict_explained(self, message: VerdictExplained) -> None:
        self.groups.side.verdict_explained(message)

    @on(ReferenceFound)
    def _reference_found(self, message: ReferenceFound) -> None:
        if message.group_id is None:
            self.groups.side.show_nothing(f"There is nothing at {self.reference}.")
        else:
            self.groups.open_group(message.group_id)

    @on(LogGrew)
    def _log_grew(self, message: LogGrew) -> None:
        self.query_one(LogView).add(message.lines, message.anew)

    @on(RunTrouble)
    def _trouble(self, message: RunTrouble) -> None:
        bar = self.query_one("#trouble", Static)
        bar.update(outside_line(f"! {message.sentence or ''}"))
        bar.set_class(message.sentence is not None, "-shown")

    @on(Said)
    def _said(self, message: Said) -> None:
        say(self, message)

    # Controls.

    def action_control(self, kind: str) -> None:
        control = next((each for each in self.controls if each["kind"] == kind), None)
        if control:
            self.choose_control(control)

    def action_controls(self) -> None:
        self.app.push_screen(ControlMenu(self.folder.id, self.controls), self.choose_control)

    def choose_control(self, control: Json | None) -> None:
        """Do it; what cannot be undone only once it was confirmed."""
        if control is None:
            return
        if not is_asked_back(control):
            self._do(control)
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._do(control)

        self.app.push_screen(Confirm(f"{control['label']} {self.folder.id}?", explanation_of(control)), answered)

    def _do(self, control: Json) -> None:
        self.run_worker(partial(self._do_in_thread, control), thread=True, name=f"{control['label']} {self.folder.id}")

    def _do_in_thread(self, control: Json) -> None:
        try:
            self.post_message(Said(do_control(self.folder, control)))
        except (GrpoDashError, OSError) as error:
            self.post_message(Said(str(error), refused=True))

    # Keys.

    def action_view(self) -> None:
        self.show_view(GROUPS if self.view == OVERVIEW else OVERVIEW)

    def action_groups(self) -> None:
        """From the curves; where a completion is read there is nothing further to open."""
        if self.view == OVERVIEW:
            self.show_view(GROUPS)

    def action_back(self) -> None:
        if self.view == OVERVIEW:
            self.app.leave_run()  # type: ignore[attr-defined]
        elif self.view == GROUPS and self._came_from and not self.groups.finder.bar.is_open:
            back, self._came_from = self._came_from, None
            back()
        elif self.view == LOG or not self.groups.back():
            self.show_view(OVERVIEW)

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

    def action_completion(self, index: int) -> None:
        if self.view == GROUPS:
            self.groups.side.choose(index)

    def action_follow(self) -> None:
        self.groups.follow(not self.groups.following)

    def action_live(self) -> None:
        if self.view == OVERVIEW:
            self.query_one(Overview).toggle_live()
        else:
            self.show_view(OVERVIEW)

    def action_log(self) -> None:
        self.show_view(OVERVIEW if self.view == LOG else LOG)

    def action_find(self) -> None:
        if self.view != GROUPS:
            self.show_view(GROUPS)
        self.groups.find()

    def action_numbers(self) -> None:
        find = key_of("find", self.app.settings.keys)  # type: ignore[attr-defined]
        self.app.push_screen(
            NumbersScreen(partial(describe_numbers, self.state.tiles(), charts_data(self.state), find))
        )

    def action_settings(self) -> None:
        self.app.push_screen(SettingsScreen(self.folder))

    def action_problems(self) -> None:
        self.app.push_screen(ProblemsScreen(self.folder), self._open_place)

    def action_alerts(self) -> None:
        screen = AlertsScreen(self.state.alerts, self._alert)
        self.app.push_screen(screen, partial(self._open_shown, screen))

    def _open_shown(self, screen: AlertsScreen, chosen: Place | Json | None) -> None:
        """What an alert shows, or all that it is about; back leads to the alert again."""
        self._alert = screen.on
        if chosen is None:
            return
        if not isinstance(chosen, dict):
            self._open_place(chosen)
        elif chosen["page"] == "problems":
            self.app.push_screen(ProblemsScreen(self.folder, **chosen["where"]), self._open_place)
        else:
            self.show_view(GROUPS)
            self.groups.finder.look_for(parse_query(query_of(chosen)))
        self._came_from = self.action_alerts

    def _open_place(self, place: Place | None) -> None:
        if place is not None:
            self._go_to(Reference(self.folder.id, group=place[0], completion=place[1]))

    def show_view(self, view: str) -> None:
        self._came_from = None
        self.query_one(ContentSwitcher).current = view
        if view == GROUPS:
            self.groups.catch_up()
            self.groups.focus_pane("groups")
        elif view == LOG:
            self._follow_log()
            self.query_one(LogView).focus()
        else:
            self.query_one(Overview).show(self.state)
            self.query_one(Overview).show_live(self.state)
            self.query_one(ChartGrid).focus()

    def _follow_log(self) -> None:
        """From the first look on: most never look."""
        if self._log_tail is None:
            self._log_tail = LogTail(self.folder.log, self.post_message)
            self.run_worker(self._log_tail.run, thread=True, name=f"log {self.folder.id}")

    def _show_head(self) -> None:
        run = self.state.run
        if run is None:
            return
        asked = asked_words(self.state.commands) if run["status"] in ALIVE else ""
        self.query_one(RunHead).show(run, self.state.phase, asked)

    def _go_to(self, reference: Reference) -> None:
        if reference == Reference(reference.run):
            return
        self.show_view(GROUPS)
        self.groups.follow(False)
        self.groups.focus_pane("completions")
        if reference.group is not None:
            self.groups.open_group(reference.group, reference.completion)
        else:
            self._tail.ask(find_reference(reference))
