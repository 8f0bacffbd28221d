"""The terminal app: `GrpoTui(runs_dir, reference)`. Opens at a reference, at the newest run, or at the list of runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from grpo_app.tui.screens.help import HelpScreen
from grpo_app.tui.screens.run import RunScreen
from grpo_app.tui.screens.runs import RunsScreen
from grpo_core.errors import GrpoDashError
from grpo_core.runs import find_run, list_run_folders
from grpo_core.views import Reference, parse_reference


class GrpoTui(App[None]):
    TITLE = "grpo-tui"
    CSS_PATH = "grpo.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("q", "quit", "Quit"),
    ]

    def __init__(self, runs_dir: Path, reference: str | None = None) -> None:
        super().__init__()
        self.runs_dir = runs_dir
        self.reference = reference
        self._runs = RunsScreen(runs_dir)

    def on_mount(self) -> None:
        self.push_screen(self._runs)
        folders = list_run_folders(self.runs_dir)
        if self.reference:
            self.open_run(self.reference)
        elif folders:
            self.push_screen(RunScreen(folders[0]))

    def open_run(self, reference: str) -> None:
        """On top of the list of runs; a reference to nothing is said and not followed."""
        try:
            parsed = parse_reference(reference)
            folder = find_run(self.runs_dir, parsed.run)
        except GrpoDashError as error:
            self._runs.say(str(error))
        else:
            self._runs.say(None)
            self.push_screen(RunScreen(folder, _in_full(parsed, folder.id)))

    def action_help(self) -> None:
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen())

    def action_runs(self) -> None:
        """Back to the list, whatever is open."""
        while len(self.screen_stack) > 2:
            self.pop_screen()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        yield SystemCommand("Runs", "The list of runs", self.action_runs)
        if isinstance(screen, RunScreen):
            yield SystemCommand("Run or groups", "Switch between the curves and the groups", screen.action_view)
            yield SystemCommand("Follow", "Follow the newest group, or stay", screen.action_follow)
            yield SystemCommand("Live", "Show or hide what is being sampled", screen.action_live)
        yield SystemCommand("Help", "Keys and marks", self.action_help)
        yield SystemCommand("Theme", "Other colours", self.action_change_theme)
        yield SystemCommand("Quit", "Leave; runs go on", self.action_quit)


def _in_full(reference: Reference, run_id: str) -> Reference:
    """The reference with the run's whole id, where its beginning was typed."""
    return Reference(run_id, reference.step, reference.group, reference.completion, reference.problem)
