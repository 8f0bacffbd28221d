"""The form for a new run: filled in, wrong, doubtful, read and written, its signal checked, and started."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, Select
from textual.widgets._collapsible import CollapsibleTitle

from grpo_app.tui import new_run_work
from grpo_app.tui.app import GrpoTui
from grpo_app.tui.screens.controls import Confirm
from grpo_app.tui.screens.new_run import NewRunScreen
from grpo_app.tui.screens.run import RunScreen
from grpo_app.tui.screens.runs import RunsScreen
from grpo_app.tui.widgets.fields import LinesField
from grpo_core.config import RunConfig, load_config, load_preset
from grpo_core.errors import RunError
from grpo_core.runs import RunFolder, create_run
from grpo_core.runs.signal_check import SignalCheck
from grpo_core.views.form import config_from_form, run_form
from tests.app.tui.helpers import RUN_ID, shown_text, until, until_read, write_frozen_run

CHECK = SignalCheck(
    groups=16, k=8, pass_rate=0.31, mixed=0.875, all_correct=0.0, all_wrong=0.125, truncated=0.02, missing_end=0.0,
    unparsable=0.0, no_answer=0.01, unscorable=0.0, mean_tokens=22.4, sampling_seconds=0.4, update_seconds=0.6,
    run_minutes=3.5, advice=("Raise [bold]num_generations\x1b]0;pwned\x07.",),
)  # fmt: skip


async def open_form(pilot: Pilot[Any]) -> NewRunScreen:
    await until(pilot, lambda: isinstance(pilot.app.screen, RunsScreen))
    await pilot.press("n")
    await until(pilot, lambda: isinstance(pilot.app.screen, NewRunScreen) and pilot.app.screen.form.values["name"])
    screen = pilot.app.screen
    assert isinstance(screen, NewRunScreen)
    return screen


def put(screen: NewRunScreen, name: str, value: str) -> None:
    screen.query_one(f"#field-{name}", Input).value = value


async def test_a_run_leads_to_a_new_one(runs_dir: Path) -> None:
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_read(pilot)
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, NewRunScreen))
        await pilot.press("escape")
        assert isinstance(app.screen, RunScreen)


async def test_the_form_holds_every_setting_and_a_preset_fills_it_in(runs_dir: Path) -> None:
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(160, 80)) as pilot:
        screen = await open_form(pilot)
        text = shown_text(app)
        for group in run_form():
            assert group.title in text
            for field in group.fields:
                assert (f" {field.label} " in text) == group.open
        await pilot.press("ctrl+l")
        await until(pilot, lambda: run_form()[-1].fields[-1].label in shown_text(app))
        text = shown_text(app)
        missing = [field.label for group in run_form() for field in group.fields if field.label not in text]
        assert not missing
        assert config_from_form(screen.form.values) == load_preset("demo")
        screen.query_one("#preset", Select).value = "demo-rank"
        await until(pilot, lambda: config_from_form(screen.form.values) == load_preset("demo-rank"))
        assert "name: What people call the run" in shown_text(app)


async def test_what_is_typed_behind_a_tab_is_for_the_next_field(runs_dir: Path) -> None:
    """All keys are there before any is handled, as on a slow line or a busy machine."""
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_form(pilot)
        screen.query_one("#field-name", Input).focus()
        await pilot.pause()
        for key in ("ctrl+u", "m", "e", "tab", "tab", "ctrl+u", "x", "y"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: screen.form.values["problems"] == "xy")
        assert (screen.form.values["name"], screen.form.values["model"]) == ("me", "embedded")


async def test_a_wrong_value_is_said_at_its_field(runs_dir: Path) -> None:
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_form(pilot)
        put(screen, "model", "/nowhere/at all")
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "! There is no model at /nowhere/at all" in shown_text(app))
        await until(pilot, lambda: screen.focused is screen.query_one("#field-model"))
        put(screen, "model", "embedded")
        put(screen, "temperature", "warm")
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "It should be a number." in shown_text(app))
        await until(pilot, lambda: screen.focused is screen.query_one("#field-temperature"))
        assert "! There is no model" not in shown_text(app)
        assert list(runs_dir.iterdir()) == []


async def test_leaving_a_field_checks_it(runs_dir: Path) -> None:
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await open_form(pilot)
        put(screen, "top_p", "7")
        screen.form.go_to("top_p")
        await until(pilot, lambda: screen.focused is screen.query_one("#field-top_p"))
        await pilot.press("enter")
        await until(pilot, lambda: "above 0 and at most 1" in shown_text(app))
        assert screen.focused is not screen.query_one("#field-top_p")


async def test_starting_opens_the_run(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[RunConfig] = []

    def start(folder: Path, config: RunConfig) -> RunFolder:
        started.append(config)
        return write_frozen_run(folder)

    monkeypatch.setattr(new_run_work, "start_run", start)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_form(pilot)
        put(screen, "max_steps", "7")
        await pilot.press("ctrl+r", "ctrl+r")
        await until(pilot, lambda: isinstance(app.screen, RunScreen) and RUN_ID in shown_text(app))
        assert [config.max_steps for config in started] == [7]
        await pilot.press("escape")
        screen = await open_form(pilot)
        assert screen.form.values["max_steps"] == "200", "the next form is a new one"


async def test_what_may_go_wrong_is_asked_about(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(new_run_work, "warnings", lambda config: ["Training takes roughly 9 GiB [bold]."])
    monkeypatch.setattr(new_run_work, "start_run", lambda folder, config: write_frozen_run(folder))
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_form(pilot)
        await pilot.press("ctrl+r")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert "roughly 9 GiB [bold]." in shown_text(app)
        await pilot.press("n")
        assert "! Training takes roughly" in shown_text(app)
        assert list(runs_dir.iterdir()) == []
        await pilot.press("ctrl+r")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, RunScreen))


async def test_a_start_that_fails_is_said(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(folder: Path, config: RunConfig) -> RunFolder:
        raise RunError("The run did not start: \x1b]0;pwned\x07[bold].")

    monkeypatch.setattr(new_run_work, "start_run", fail)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_form(pilot)
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "! The run did not start: �]0;pwned�[bold]." in shown_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen))
        assert await open_form(pilot) is screen, "kept as it was left"


async def test_the_signal_is_checked_with_progress_and_advice(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()

    def check(config: RunConfig, *, on_progress: Any, cancelled: threading.Event) -> SignalCheck | None:
        on_progress(34, 128)
        while not (go_on.wait(0.01) or cancelled.is_set()):
            continue
        return None if cancelled.is_set() else CHECK

    monkeypatch.setattr(new_run_work, "run_signal_check", check)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_form(pilot)
        await pilot.press("ctrl+t")
        await until(pilot, lambda: "34 of 128 completions" in shown_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: "Cancelled." in shown_text(app))
        assert app.screen is screen
        go_on.set()
        await pilot.press("ctrl+t")
        await until(pilot, lambda: "mixed 88 %" in shown_text(app))
        text = shown_text(app)
        for word in ("16 groups of 8", "right 31 %", "about 3:30 in all", "→ Raise [bold]num_generations�]0;pwned�."):
            assert word in text


async def test_a_file_is_written_and_read(runs_dir: Path) -> None:
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        screen = await open_form(pilot)
        put(screen, "seed", "11")
        await pilot.press("ctrl+s")
        app.screen.query_one(Input).value = "mine.toml"
        await pilot.press("enter")
        await until(pilot, lambda: "The configuration is in" in shown_text(app))
        assert load_config(Path("mine.toml")).seed == 11
        put(screen, "seed", "5")
        await pilot.press("ctrl+o")
        app.screen.query_one(Input).value = "mine.toml"
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is screen and screen.form.values["seed"] == "11")
        Path("bad.toml").write_text("seed = [bold]")
        await pilot.press("ctrl+o")
        app.screen.query_one(Input).value = "bad.toml"
        await pilot.press("enter")
        await until(pilot, lambda: "cannot be taken" in shown_text(app))


async def test_resizing_never_breaks_the_form(runs_dir: Path) -> None:
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(160, 45)) as pilot:
        await open_form(pilot)
        for width, height in [(1, 1), (250, 70), (40, 10)]:
            await pilot.resize_terminal(width, height)
            await pilot.pause()
        assert "New run" in shown_text(app)


def test_the_process_holds_no_engine_and_no_sympy() -> None:
    code = (
        "import sys, grpo_app.tui.app\n"
        "from grpo_core.config import load_preset\n"
        "from grpo_core.runs.preflight import check_fields, warnings\n"
        "config = load_preset('demo')\n"
        "assert not check_fields(config) and warnings(config) is not None\n"
        "held = {'torch', 'gradio', 'sympy', 'transformers', 'plotly'} & set(sys.modules)\n"
        "sys.exit(f'holds {held}' if held else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


async def test_down_and_up_lead_from_field_to_field(runs_dir: Path) -> None:
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_form(pilot)
        order = []
        screen.form.go_to("name")
        await until(pilot, lambda: screen.focused is screen.form.rows["name"].control)
        for _ in range(8):
            await pilot.press("down")
            order.append(screen.focused)
        assert len(set(order)) == 8
        for known in reversed(order[:-1]):
            await pilot.press("up")
            assert screen.focused is known


async def test_down_and_up_leave_a_field_of_several_lines_at_its_ends(runs_dir: Path) -> None:
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_form(pilot)
        row = screen.form.rows["prompt_template"]
        assert isinstance(row.control, LinesField)
        row.control.text = "one\ntwo"
        screen.form.go_to("prompt_template")
        await until(pilot, lambda: screen.focused is row.control)
        await pilot.press("down")
        assert screen.focused is row.control
        await pilot.press("down")
        assert screen.focused is not row.control
        await pilot.press("up", "up")
        assert screen.focused is row.control
        await pilot.press("up")
        assert screen.focused is not row.control


async def test_the_head_of_a_group_says_what_it_unfolds(runs_dir: Path) -> None:
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_form(pilot)
        screen.query(CollapsibleTitle)[1].focus()
        await until(pilot, lambda: "enter unfolds" in shown_text(app))


async def test_a_run_is_repeated_with_its_settings(runs_dir: Path) -> None:
    run = create_run(runs_dir, load_preset("demo", ["max_steps=17", "num_generations=4"]))
    app = GrpoTui(runs_dir, "nothing-here")
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_form(pilot)
        screen.query_one("#preset", Select).value = f"as {run.id}"
        await until(pilot, lambda: screen.form.values["max_steps"] == "17")
        assert config_from_form(screen.form.values) == run.config()


async def test_a_signal_of_other_settings_says_so(runs_dir: Path) -> None:
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_form(pilot)
        screen.panel.show_check(CHECK)
        screen._checked_values = screen.form.values
        put(screen, "max_steps", "60")
        await until(pilot, lambda: "of other settings" in str(screen.panel.border_title))
        put(screen, "max_steps", screen._checked_values["max_steps"])
        await until(pilot, lambda: "of other settings" not in str(screen.panel.border_title))
