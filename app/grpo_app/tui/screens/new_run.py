"""A new run: its form, what is wrong or doubtful about it, whether there is anything to learn from, and its start."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from threading import Event
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Input, Select, Static, TextArea

from grpo_app.tui.messages import FormChecked, FormFilled, RunStarted, Said, SignalChecked, SignalProgress
from grpo_app.tui.new_run_work import FormWork
from grpo_app.tui.paint import bold, muted, outside_line, toned
from grpo_app.tui.say import say
from grpo_app.tui.screens.ask_path import PathPrompt
from grpo_app.tui.screens.controls import Confirm
from grpo_app.tui.widgets.fields import BETWEEN_FIELDS, UP_DOWN, ChoiceField, Labelled
from grpo_app.tui.widgets.run_form import RunForm
from grpo_app.tui.widgets.signal_panel import SignalPanel
from grpo_core.views.form import WHOLE_FORM, Values, default_values, preset_values, values_of_runs

DEFAULTS = "defaults"
FIRST_PRESET = "demo"


class NewRunScreen(Screen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r", "start", "Start"),
        Binding("ctrl+t", "signal", "Check signal"),
        Binding("ctrl+l", "unfold", "All"),
        Binding("ctrl+o", "open", "Open"),
        Binding("ctrl+s", "save", "Save"),
        Binding("f1,question_mark", "app.help", "Help", key_display="f1"),
        Binding("escape", "back", "Cancel/back"),
        Binding("q", "app.quit", "Quit", show=False),
        *BETWEEN_FIELDS,
        *UP_DOWN,
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (140, "-wide")]

    def __init__(self, runs_dir: Path) -> None:
        super().__init__()
        self._work = FormWork(runs_dir, self.post_message)
        self._presets = {**preset_values(), DEFAULTS: default_values(), **values_of_runs(runs_dir)}
        self._checking: Event | None = None
        self._checked_values: Values | None = None
        self._starting = False

    def compose(self) -> ComposeResult:
        yield Static(id="title", markup=False)
        yield Static(id="trouble", markup=False)
        choices = [(name, name) for name in self._presets]
        yield Labelled("preset", ChoiceField("preset", choices, self._first_preset), classes="preset")
        yield RunForm()
        yield Static(id="warnings", markup=False)
        yield SignalPanel()
        yield Static(id="about", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self._show_title()
        self.form.fill(self._presets[self._first_preset])
        self.form.rows["name"].control.focus()

    def on_unmount(self) -> None:
        self._cancel()

    @property
    def form(self) -> RunForm:
        return self.query_one(RunForm)

    @property
    def panel(self) -> SignalPanel:
        return self.query_one(SignalPanel)

    @on(Select.Changed, "#preset")
    def _preset_chosen(self, message: Select.Changed) -> None:
        message.stop()
        values = self._presets.get(str(message.value))
        if values:
            self.form.fill(values)

    @on(Input.Changed)
    @on(TextArea.Changed)
    @on(Select.Changed)
    def _changed(self) -> None:
        if self._checked_values is not None:
            self.panel.set_stale(self.form.values != self._checked_values)

    @on(RunForm.Looked)
    def _looked(self, message: RunForm.Looked) -> None:
        self.query_one("#about", Static).update(muted("").append(outside_line(message.about)))

    # What the threads say.

    @on(FormChecked)
    def _checked(self, message: FormChecked) -> None:
        self.form.show_errors(message.wrong)
        self._show_bar("#trouble", message.wrong.get(WHOLE_FORM), "bad")
        self._show_bar("#warnings", " ".join(message.warnings) or None, "warn")
        if message.wrong or message.asks:
            self._end_of_start()
        if message.wrong:
            self._end_of_check()
        if message.asks:
            explanation = " ".join(message.warnings)
            self.app.push_screen(Confirm("Start it all the same?", explanation), self._start_despite)

    @on(FormFilled)
    def _filled(self, message: FormFilled) -> None:
        self.form.fill(message.values)
        self.notify(f"The form holds {message.source} now.", markup=False)

    @on(RunStarted)
    def _started(self, message: RunStarted) -> None:
        self.app.open_started(message.folder)  # type: ignore[attr-defined]

    @on(SignalProgress)
    def _progress(self, message: SignalProgress) -> None:
        if self._checking:
            self.panel.show_progress(message.done, message.total)

    @on(SignalChecked)
    def _signal_checked(self, message: SignalChecked) -> None:
        self._checking = None
        if message.check:
            self.panel.show_check(message.check)
        else:
            self.panel.show_trouble(message.trouble or "")

    @on(Said)
    def _said(self, message: Said) -> None:
        say(self, message)

    # Keys.

    def action_start(self) -> None:
        if not self._starting:
            self._start(despite_warnings=False)

    def action_signal(self) -> None:
        if self._checking:
            return
        self._checking = Event()
        self._checked_values = self.form.values
        self.panel.show_progress(0, 0)
        self._in_thread(partial(self._work.check_signal, self.form.values, self._checking))

    def action_unfold(self) -> None:
        self.form.unfold()
        if self.focused:
            self.call_after_refresh(self.focused.scroll_visible, animate=False)

    def action_open(self) -> None:
        def named(path: Path | None) -> None:
            if path:
                self._in_thread(partial(self._work.open_file, path))

        self.app.push_screen(PathPrompt("Fill the form in from the TOML file", "run.toml"), named)

    def action_save(self) -> None:
        def named(path: Path | None) -> None:
            if path:
                self._in_thread(partial(self._work.save_file, path, self.form.values))

        self.app.push_screen(PathPrompt("Write the form to the TOML file", "run.toml"), named)

    def action_back(self) -> None:
        """Ends the signal check, or leaves."""
        if self._checking:
            self._cancel()
        else:
            self.app.pop_screen()

    def _start(self, despite_warnings: bool) -> None:
        self._starting = True
        self._show_title()
        self._in_thread(partial(self._work.start, self.form.values, despite_warnings))

    def _start_despite(self, yes: bool | None) -> None:
        if yes:
            self._start(despite_warnings=True)

    def _end_of_start(self) -> None:
        self._starting = False
        self._show_title()

    def _end_of_check(self) -> None:
        if self._checking:
            self._checking = None
            self.panel.show_trouble("Mend what is wrong first.")

    def _cancel(self) -> None:
        if self._checking:
            self._checking.set()

    def _in_thread(self, work: partial[None]) -> None:
        self.run_worker(work, thread=True, name="new run")

    def _show_title(self) -> None:
        doing = toned("  starting …", "accent") if self._starting else Content("")
        self.query_one("#title", Static).update(bold("New run").append(doing))

    def _show_bar(self, id: str, sentence: str | None, tone: str) -> None:
        bar = self.query_one(id, Static)
        bar.update(toned("! ", tone).append(outside_line(sentence or "")))
        bar.set_class(sentence is not None, "-shown")

    @property
    def _first_preset(self) -> str:
        return FIRST_PRESET if FIRST_PRESET in self._presets else DEFAULTS
