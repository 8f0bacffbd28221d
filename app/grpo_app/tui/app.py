"""The terminal app: `GrpoTui(runs_dir, reference)`. Opens at a reference, at the newest run, or at the list of runs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import ClassVar

from rich.console import RenderableType
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.events import Event, Paste
from textual.screen import Screen

from grpo_app.tui import tail
from grpo_app.tui.hangup import leave_with_terminal
from grpo_app.tui.keys import key
from grpo_app.tui.screens.help import HelpScreen
from grpo_app.tui.screens.new_run import NewRunScreen
from grpo_app.tui.screens.playground import PlaygroundScreen
from grpo_app.tui.screens.run import RunScreen
from grpo_app.tui.screens.runs import RunsScreen
from grpo_app.tui.settings import PACES, Settings
from grpo_app.tui.tail import Pace
from grpo_app.tui.themes import OWN_THEMES
from grpo_app.tui.wire import Wire
from grpo_core.errors import GrpoDashError
from grpo_core.runs import RunFolder, find_run, list_run_folders
from grpo_core.runs.explainer import Explainer
from grpo_core.runs.playground import Playground
from grpo_core.text import clean
from grpo_core.types import Json
from grpo_core.views import Reference, parse_reference

NEW_RUN = "new-run"
"""The form's screen: kept as it was left until a run is started from it."""


class GrpoTui(App[None]):
    TITLE = "grpo-tui"
    CSS_PATH = "grpo.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("help", "help", "Help", show=True, shown_as="?"),
        key("quit", "quit", "Quit", show=True),
        key("faster", "pace(-1)", "Look more often"),
        key("slower", "pace(1)", "Look less often"),
    ]

    def __init__(
        self,
        runs_dir: Path,
        reference: str | None = None,
        playground: Playground | None = None,
        settings: Settings | None = None,
    ) -> None:
        super().__init__()
        self._wire = Wire()
        self.settings = settings or Settings()
        self.pace = Pace(self.settings.refresh or tail.POLL_SECONDS)
        for theme in OWN_THEMES:
            self.register_theme(theme)
        if self.settings.theme:
            self.theme = self.settings.theme
        self.set_keymap(self.settings.keys)
        self.runs_dir = runs_dir
        self.reference = reference
        self.explainer = Explainer()
        self.playground = playground or Playground(runs_dir)
        self._runs = RunsScreen(runs_dir)
        self._playground_screen = PlaygroundScreen(self.playground)

    def on_mount(self) -> None:
        """At a run where there is one: the list beneath it is made when somebody goes there."""
        leave_with_terminal(lambda: self.call_from_thread(self.exit))
        self.install_screen(self._playground_screen, "playground")
        folders = [] if self.reference else list_run_folders(self.runs_dir)
        if self.reference:
            self.open_run(self.reference)
        elif folders:
            self.push_screen(RunScreen(folders[0], self.pace, self.explainer))
        else:
            self.push_screen(self._runs)

    def open_run(self, reference: str) -> None:
        """A reference to nothing is said in the list of runs and not followed."""
        try:
            parsed = parse_reference(reference)
            folder = find_run(self.runs_dir, parsed.run)
        except GrpoDashError as error:
            self._runs.say(str(error))
            self.action_runs()
        else:
            self._runs.say(None)
            self.push_screen(RunScreen(folder, self.pace, self.explainer, _in_full(parsed, folder.id)))

    def ask_about(self, run: str | None, problem: Json | None) -> None:
        """To the playground, with this problem of this run."""
        if self.screen is not self._playground_screen:
            self.push_screen(self._playground_screen)
        self._playground_screen.open_about(run, problem)

    async def on_event(self, event: Event) -> None:
        """What is pasted may be what a model wrote: cleaned before any field has it."""
        if isinstance(event, Paste):
            event.text = clean(event.text)
        await super().on_event(event)

    async def on_unmount(self) -> None:
        await asyncio.to_thread(self.playground.close)
        await asyncio.to_thread(self.explainer.close)

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Textual sends all that was drawn anew; here only what the terminal does not hold already."""
        super()._display(screen, self._wire.changes(renderable))

    def action_playground(self) -> None:
        self.ask_about(self.screen.folder.id if isinstance(self.screen, RunScreen) else None, None)

    def action_new_run(self) -> None:
        if isinstance(self.screen, NewRunScreen):
            return
        if not self.is_screen_installed(NEW_RUN):
            self.install_screen(NewRunScreen(self.runs_dir), NEW_RUN)
        self.push_screen(NEW_RUN)

    def open_started(self, folder: RunFolder) -> None:
        """The run takes the place of the form that it was started from, and the next form is a new one."""
        form = self.get_screen(NEW_RUN)
        while form in self.screen_stack:
            self.pop_screen()
        self.uninstall_screen(NEW_RUN)
        form.remove()
        self.push_screen(RunScreen(folder, self.pace, self.explainer))

    def action_help(self) -> None:
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.settings.keys))

    def action_pace(self, by: int) -> None:
        """Look less (1) or more (-1) often: for a slow link, or a fast one."""
        slower = [pace for pace in PACES if (pace - self.pace.seconds) * by > 0]
        if slower:
            self.pace.seconds = min(slower) if by > 0 else max(slower)
            for screen in self.screen_stack:
                if isinstance(screen, RunScreen):
                    screen.pace_changed()

    def action_runs(self) -> None:
        """Back to the list, whatever is open."""
        while len(self.screen_stack) > 2:
            self.pop_screen()
        self.leave_run()

    def leave_run(self) -> None:
        """To what lies beneath the open run; beneath the first one that is the list."""
        if len(self.screen_stack) > 2:
            self.pop_screen()
        elif len(self.screen_stack) < 2:
            self.push_screen(self._runs)
        elif self.screen is not self._runs:
            self.switch_screen(self._runs)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        yield SystemCommand("Runs", "The list of runs", self.action_runs)
        if isinstance(screen, RunScreen):
            yield from _run_commands(screen)
        yield SystemCommand("New run", "Fill in a form and start it", self.action_new_run)
        yield SystemCommand("Playground", "Question a checkpoint", self.action_playground)
        yield SystemCommand("Help", "Keys and marks", self.action_help)
        yield SystemCommand("Look less often", "For a slow link: fewer bytes", partial(self.action_pace, 1))
        yield SystemCommand("Look more often", "For a fast link", partial(self.action_pace, -1))
        yield SystemCommand("Theme", "Other colours", self.action_change_theme)
        yield SystemCommand("Quit", "Leave; runs go on", self.action_quit)


def _run_commands(screen: RunScreen) -> Iterable[SystemCommand]:
    yield SystemCommand("Run or groups", "Switch between the curves and the groups", screen.action_view)
    yield SystemCommand("Follow", "Follow the newest group, or stay", screen.action_follow)
    yield SystemCommand("Live", "Show or hide what is being sampled", screen.action_live)
    yield SystemCommand("Find", "Groups and completions by filter or text", screen.action_find)
    yield SystemCommand("Compare", "Best against worst of the group, line by line", screen.action_compare)
    yield SystemCommand("Objectives", "What others would have pushed in this group", screen.action_objectives)
    yield SystemCommand("Alerts", "What deserves a look, and what shows it", screen.action_alerts)
    yield SystemCommand("Mark: verifier wrong", "Or take the mark back", partial(screen.action_mark, "verifier_wrong"))
    yield SystemCommand("Mark: suspicious", "With a note; or take it back", partial(screen.action_mark, "suspicious"))
    yield SystemCommand("Judge again", "The completion, against another gold answer", screen.action_judge_again)
    yield SystemCommand("Numbers", "What each means, and what to read behind it", screen.action_numbers)
    yield SystemCommand("Settings", "What the run was made with", screen.action_settings)
    yield SystemCommand("Problems", "Which were learnt or forgotten, and at which step", screen.action_problems)
    yield SystemCommand("Log", "The run's log, as it is written", screen.action_log)
    for control in screen.controls:
        yield SystemCommand(control["label"], control["meaning"], partial(screen.choose_control, control))


def _in_full(reference: Reference, run_id: str) -> Reference:
    """The reference with the run's whole id, where its beginning was typed."""
    return Reference(run_id, reference.step, reference.group, reference.completion, reference.problem)
