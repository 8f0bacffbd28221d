"""What the threads of the form for a new run do: check it, sample its signal, start it, read and write files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from textual.message import Message

from grpo_app.tui.messages import FormChecked, FormFilled, RunStarted, Said, SignalChecked, SignalProgress
from grpo_core.config import RunConfig
from grpo_core.errors import GrpoDashError
from grpo_core.runs import start_run
from grpo_core.runs.preflight import check_fields, warnings
from grpo_core.runs.signal_check import run_signal_check
from grpo_core.views.form import WHOLE_FORM, FormErrors, Values, config_from_form, toml_from_values, values_from_toml

Post = Callable[[Message], object]


@dataclass(frozen=True, slots=True)
class FormWork:
    """Every method belongs in a thread; each only posts messages."""

    runs_dir: Path
    post: Post

    def start(self, values: Values, despite_warnings: bool = False) -> None:
        """Start the run, unless something is wrong, or may go wrong and was not waved through."""
        config = self._checked(values, despite_warnings)
        if config is None:
            return
        try:
            self.post(RunStarted(start_run(self.runs_dir, config)))
        except (GrpoDashError, OSError) as error:
            self.post(FormChecked({WHOLE_FORM: str(error)}, []))

    def check_signal(self, values: Values, cancelled: Event) -> None:
        config = self._checked(values, despite_warnings=True)
        if config is None:
            return
        try:
            check = run_signal_check(config, on_progress=self._progress, cancelled=cancelled)
        except (GrpoDashError, OSError) as error:
            self.post(SignalChecked(None, str(error)))
        else:
            self.post(SignalChecked(check, None if check else "Cancelled."))

    def open_file(self, path: Path) -> None:
        try:
            self.post(FormFilled(path.name, values_from_toml(path.read_text(encoding="utf-8"))))
        except (GrpoDashError, OSError, UnicodeDecodeError) as error:
            self.post(Said(f"{path} cannot be taken: {error}", refused=True))

    def save_file(self, path: Path, values: Values) -> None:
        """A file that is there already is left alone."""
        try:
            text = toml_from_values(values)
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FormErrors as error:
            self.post(FormChecked(error.fields, []))
        except FileExistsError:
            self.post(Said(f"{path} is there already: choose another name.", refused=True))
        except OSError as error:
            self.post(Said(f"{path} could not be written: {error}", refused=True))
        else:
            self.post(Said(f"The configuration is in {path.resolve()}."))

    def _progress(self, done: int, total: int) -> None:
        self.post(SignalProgress(done, total))

    def _checked(self, values: Values, despite_warnings: bool) -> RunConfig | None:
        """The configuration, if nothing stands against it; what does is posted."""
        try:
            config = config_from_form(values)
            wrong, doubts = check_fields(config, self.runs_dir), warnings(config)
        except FormErrors as error:
            wrong, doubts = error.fields, []
        except (GrpoDashError, OSError) as error:
            wrong, doubts = {WHOLE_FORM: str(error)}, []
        self.post(FormChecked(wrong, doubts, asks=not wrong and bool(doubts) and not despite_warnings))
        return None if wrong or (doubts and not despite_warnings) else config
