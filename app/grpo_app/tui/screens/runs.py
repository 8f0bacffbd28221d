"""The runs of the folder: pick one. A thread looks every few seconds for new ones and for how they stand."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Static

from grpo_app.tui.keys import key, key_of
from grpo_app.tui.messages import RunsListed, Said
from grpo_app.tui.paint import bold, muted, outside_line
from grpo_app.tui.run_labels import rename, tag
from grpo_app.tui.say import say
from grpo_app.tui.screens.beside import BesideScreen
from grpo_app.tui.screens.controls import Confirm
from grpo_app.tui.screens.note import LinePrompt
from grpo_app.tui.widgets.run_list import RunList
from grpo_core.errors import GrpoDashError
from grpo_core.paths import default_runs_dir
from grpo_core.runs import RunFolder
from grpo_core.runs.remove import remove_run
from grpo_core.types import Json
from grpo_core.views.overview import Overview

LOOK_SECONDS = 2.0


class RunsScreen(Screen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        key("choose", "pick", "Choose", show=True),
        key("compare", "compare", "Compare", show=True),
        key("rename", "rename"),
        key("tag", "tag"),
        key("delete", "delete"),
        key("new-run", "app.new_run", "New run", show=True),
        key("playground", "app.playground", "Playground", show=True),
    ]

    def __init__(self, runs_dir: Path) -> None:
        super().__init__()
        self.runs_dir = runs_dir
        self._said: str | None = None
        self._left = Event()
        self._hurried = Event()
        self._looking = Event()

    def compose(self) -> ComposeResult:
        yield Static(bold("grpo-tui  ").append(muted("runs in ")).append(outside_line(str(self.runs_dir))), id="title")
        yield Static(id="trouble", markup=False)
        yield RunList()
        yield Static(empty_state(self.runs_dir), id="empty", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one(RunList).focus()
        self.run_worker(self._look, thread=True, exclusive=True, name="runs")

    def on_unmount(self) -> None:
        self._left.set()
        self._hurried.set()
        self._looking.set()

    def on_screen_resume(self) -> None:
        self._looking.set()

    def on_screen_suspend(self) -> None:
        self._looking.clear()

    @on(RunsListed)
    def _runs_listed(self, message: RunsListed) -> None:
        self._show_trouble(message.trouble or self._said)
        if message.trouble is None:
            self.query_one(RunList).show(message.runs)
            self.refresh_bindings()
            self.set_class(not message.runs, "-empty")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """With fewer than two runs there is nothing to compare."""
        return len(self.query_one(RunList).runs) > 1 if action in ("pick", "compare") else True

    def action_pick(self) -> None:
        self.query_one(RunList).choose()

    def action_compare(self) -> None:
        """The chosen runs, the one under the cursor among them."""
        runs = self.query_one(RunList).chosen_with_current
        if len(runs) > 1:
            self.app.push_screen(BesideScreen(self.runs_dir, runs))
        else:
            key = key_of("choose", self.app.settings.keys)  # type: ignore[attr-defined]
            self.notify(f"{key} chooses the runs to compare: at least one more.", markup=False)

    def action_rename(self) -> None:
        if run := self.query_one(RunList).current:
            self._ask(LinePrompt(f"What is {run['id']} to be called?", "renames it", proposed=run["name"]), rename)

    def action_tag(self) -> None:
        if run := self.query_one(RunList).current:
            asked = f"Tags of {run['id']}, divided by blanks:"
            self._ask(LinePrompt(asked, "keeps these and no others", "none", " ".join(run["tags"])), tag)

    def action_delete(self) -> None:
        """For good, so it is asked about."""
        run = self.query_one(RunList).current
        if run is None:
            return
        remove = partial(self._do, partial(remove_run, self._folder(run)))

        def answered(yes: bool | None) -> None:
            if yes:
                remove()

        asked = "Its groups, completions and checkpoints are removed for good."
        self.app.push_screen(Confirm(f"Delete {run['id']}?", asked), answered)

    def _ask(self, prompt: LinePrompt, do: Callable[[RunFolder, str], str]) -> None:
        """Ask for a line about the run under the cursor, and do it."""
        run = self.query_one(RunList).current

        def written(line: str | None) -> None:
            if run and line is not None:
                self._do(partial(do, self._folder(run), line))

        self.app.push_screen(prompt, written)

    def _do(self, work: Callable[[], str]) -> None:
        self.run_worker(partial(self._do_in_thread, work), thread=True, name="changing a run")

    def _do_in_thread(self, work: Callable[[], str]) -> None:
        try:
            self.post_message(Said(work()))
        except (GrpoDashError, OSError) as error:
            self.post_message(Said(str(error), refused=True))
        self._hurried.set()

    def _folder(self, run: Json) -> RunFolder:
        return RunFolder(self.runs_dir / run["id"])

    @on(Said)
    def _said_of_run(self, message: Said) -> None:
        say(self, message)

    def say(self, sentence: str | None) -> None:
        """What could not be opened; None when something could."""
        self._said = sentence
        if self.is_mounted:
            self._show_trouble(sentence)

    @on(RunList.Chosen)
    def _chosen(self, message: RunList.Chosen) -> None:
        message.stop()
        run = self.query_one(RunList).current
        if run:
            self.app.open_run(run["id"])  # type: ignore[attr-defined]

    def _show_trouble(self, sentence: str | None) -> None:
        bar = self.query_one("#trouble", Static)
        bar.update(outside_line(f"! {sentence or ''}"))
        bar.set_class(sentence is not None, "-shown")

    def _look(self) -> None:
        """In a thread: post the list when it is another; rest while another screen is on top."""
        before: tuple[list[Json], str | None] | None = None
        overview = Overview(self.runs_dir)
        while not self._left.is_set():
            found = read_runs(overview)
            if found != before:
                self.post_message(RunsListed(*found))
            before = found
            self._hurried.wait(LOOK_SECONDS)
            self._hurried.clear()
            self._looking.wait()


def read_runs(overview: Overview) -> tuple[list[Json], str | None]:
    """The runs, or the sentence that says why they cannot be read. Without their clocks: the list does not tick."""
    try:
        return [{**row, "elapsed_seconds": None} for row in overview.rows()], None
    except Exception as error:  # noqa: BLE001 - the edge of a thread: shown to the person
        return [], str(error) or type(error).__name__


def empty_state(runs_dir: Path) -> Content:
    """What to type when there is nothing yet."""
    option = "" if runs_dir == default_runs_dir().resolve() else f" --runs-dir {runs_dir}"
    return Content("\n").join(
        [
            bold("There are no runs here yet."),
            Content(""),
            bold("n").append("  fills in a form and starts one; so does, with the model that ships with the project"),
            Content("   (no GPU, a few minutes),"),
            Content(""),
            bold("    ").append(outside_line(f"grpo-dash train --preset demo{option}")),
            Content(""),
            muted("It appears here as soon as it starts."),
        ]
    )
