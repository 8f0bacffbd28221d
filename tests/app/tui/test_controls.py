"""Controls: each is one command, what cannot be undone is asked about, and a bad ending is said plainly."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from grpo_app.tui.app import GrpoTui
from grpo_app.tui.controls import asked_words, letter_of, news_of, offered_controls
from grpo_app.tui.screens.controls import Confirm, ControlMenu
from grpo_core.runs.control import CONTROLS
from grpo_core.store import Command, ControlDb
from tests.app.tui.helpers import RUN_ID, run_screen, shown_text, until, until_read, write_frozen_run
from tests.app.tui.stand_ins import commands_of, make_ended, make_living, sleeper

STOPPING = {"status": "stopping", "stalled": False, "orphan": False, "watched": False, "controls": []}


def command(kind: str, at: float, acknowledged: bool = False) -> Command:
    return Command(1, RUN_ID, kind, {}, "terminal", at, at if acknowledged else None)  # type: ignore[arg-type]


def labels(run: dict[str, object], commands: list[Command], now: float) -> list[str]:
    return [control["label"] for control in offered_controls(run, commands, now)]


def test_a_stop_that_does_not_come_about_may_be_forced() -> None:
    asked = [command("stop", 100.0, acknowledged=True)]
    assert labels(STOPPING, asked, 110.0) == []
    assert labels(STOPPING, asked, 121.0) == ["Stop now"]
    assert labels({**STOPPING, "watched": True}, asked, 121.0) == []
    assert labels({**STOPPING, "status": "finished"}, asked, 121.0) == []
    assert labels({**STOPPING, "status": "running"}, [command("resume", 110.0), *asked], 121.0) == []


def test_a_stalled_run_may_be_ended_at_once() -> None:
    assert labels({**STOPPING, "status": "running", "stalled": True}, [], 0.0) == ["Stop now"]


def test_what_is_asked_is_said_until_it_comes_about() -> None:
    commands = [command("evaluate", 3.0), command("checkpoint", 2.0), command("pause", 1.0, acknowledged=True)]
    assert asked_words(commands) == "checkpoint, evaluate asked…"
    assert asked_words(commands[2:]) == ""


def test_what_came_of_a_checkpoint_is_told_once() -> None:
    asked = command("checkpoint", 1.0)
    saving, written = (replace(asked, acknowledged_at=2.0, result=said) for said in ("saving", "written at step 4"))
    assert news_of([asked], [saving], 0.5) == []
    for before in ([], [asked], [saving]):
        assert news_of(before, [written], 0.5) == ["Checkpoint: written at step 4."]
    assert news_of([written], [written], 0.5) == news_of([], [written], 1.5) == []


def test_every_control_has_a_letter_of_its_own() -> None:
    letters = [letter_of(control.to_json()) for control in CONTROLS]
    assert all(letters)
    assert len(set(letters)) == len(letters)


async def test_space_pauses_and_says_so_until_it_has_come_about(runs_dir: Path) -> None:
    folder = write_frozen_run(runs_dir)
    make_living(folder, os.getpid())
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until_read(pilot)
        await until(pilot, lambda: "space Pause" in shown_text(app))
        await pilot.press("space")
        await until(pilot, lambda: "pause asked…" in shown_text(app) and "was told" in shown_text(app))
        assert commands_of(runs_dir) == [("pause", "terminal", {})]
        control = ControlDb(runs_dir)
        control.acknowledge(1, "paused")
        control.close()
        make_living(folder, os.getpid(), paused=True)
        await until(pilot, lambda: "space Resume" in shown_text(app) and "asked…" not in shown_text(app))
        assert "‖ paused" in shown_text(app)


async def test_the_menu_says_what_each_control_means_and_takes_a_letter(runs_dir: Path) -> None:
    make_living(write_frozen_run(runs_dir), os.getpid())
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_read(pilot)
        await pilot.press("c")
        assert isinstance(app.screen, ControlMenu)
        for control in CONTROLS:
            assert (control.meaning in shown_text(app)) == (control.label != "Resume")
        await pilot.press("k", "e")
        await until(pilot, lambda: commands_of(runs_dir) == [("evaluate", "terminal", {})])


@pytest.mark.parametrize(("keys", "discard"), [(["t"], {}), (["G", "enter"], {"discard": True})])
async def test_what_cannot_be_undone_is_asked_about(runs_dir: Path, keys: list[str], discard: dict[str, bool]) -> None:
    make_living(write_frozen_run(runs_dir), os.getpid())
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_read(pilot)
        await pilot.press("c", *keys)
        assert isinstance(app.screen, Confirm)
        await pilot.press("enter")
        assert app.screen is run_screen(pilot)
        assert not (runs_dir / "control.db").exists()
        await pilot.press("c", *keys, "y")
        await until(pilot, lambda: "stop asked…" in shown_text(app))
        assert commands_of(runs_dir) == [("stop", "terminal", discard)]


async def test_a_resume_that_may_not_be_exact_says_so_first(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_ended(write_frozen_run(runs_dir), "", code=None, signal=9)
    monkeypatch.setattr("grpo_core.runs.control.doubts_of_resume", lambda folder: ("It may not be exact: digits.",))
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await until_read(pilot)
        await until(pilot, lambda: screen.controls)
        await pilot.press("space")
        assert isinstance(app.screen, Confirm)
        await until(pilot, lambda: "exact" in shown_text(app))
        await pilot.press("n")
        assert app.screen is screen


async def test_a_stop_is_forced_after_a_while(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grpo_app.tui.controls.PATIENCE", 0.0)
    with sleeper() as trainer:
        make_living(write_frozen_run(runs_dir), trainer.pid, stopping=True)
        control = ControlDb(runs_dir)
        control.issue(RUN_ID, "stop", "terminal")
        control.close()
        app = GrpoTui(runs_dir)
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            screen = await until_read(pilot)
            await until(pilot, lambda: screen.state.commands)
            await pilot.press("c", "n", "y")
            await until(pilot, lambda: "was ended" in shown_text(app))
        assert trainer.wait() != 0


async def test_a_refusal_is_said(runs_dir: Path) -> None:
    folder = write_frozen_run(runs_dir)
    make_living(folder, os.getpid())
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        screen = await until_read(pilot)
        await until(pilot, lambda: screen.controls)
        [pause] = [each for each in screen.controls if each["kind"] == "pause"]
        make_living(folder, os.getpid(), stopping=True)
        screen.choose_control(pause)
        await until(pilot, lambda: "is stopping" in shown_text(app))
        assert not (runs_dir / "control.db").exists()


async def test_the_palette_has_the_controls(runs_dir: Path) -> None:
    make_living(write_frozen_run(runs_dir), os.getpid())
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await until_read(pilot)
        await until(pilot, lambda: screen.controls)
        offered = {each.title for each in app.get_system_commands(screen)}
        assert offered >= {"Pause", "Checkpoint", "Evaluate", "Suspend", "Stop", "Discard", "New run", "Playground"}
        await pilot.press("ctrl+p", *"suspend")
        await until(pilot, lambda: "Write a checkpoint and give" in shown_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: (runs_dir / "control.db").exists())
        await until(pilot, lambda: commands_of(runs_dir) == [("suspend", "terminal", {})])


async def test_how_a_run_ended_is_said_plainly(runs_dir: Path) -> None:
    folder = write_frozen_run(runs_dir)
    make_ended(folder, "line one\nTraceback\nRuntimeError: CUDA out of memory. \x1b]0;pwned\x07[bold]\n")
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_read(pilot)
        text = shown_text(app)
        for word in (
            "✗ failed",
            "How it ended",
            "The GPU ran out of memory",
            "code 1",
            "space resumes it",
            "L the whole",
        ):
            assert word in text
        assert "RuntimeError: CUDA out of memory. �]0;pwned�[bold]" in text


async def test_a_signal_is_named_and_a_run_that_goes_on_has_no_ending(runs_dir: Path) -> None:
    folder = write_frozen_run(runs_dir)
    make_ended(folder, "last words\n", None, 9)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_read(pilot)
        assert "signal 9 (SIGKILL)" in shown_text(app)
        folder.exit_file.unlink()
        make_living(folder, os.getpid())
        await until(pilot, lambda: "▶ running" in shown_text(app) and "How it ended" not in shown_text(app))


async def test_notes_are_shown_where_there_are_some(runs_dir: Path) -> None:
    folder = write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_read(pilot)
        assert "Notes" not in shown_text(app)
        writer = folder.writer()
        writer.set_facts(
            {"notes": ["one thing " * 30], "reward_failures": ["python:a.b gave no reward 2 times: \x1b[31m"]}
        )
        writer.close()
        await until(pilot, lambda: "! one thing" in shown_text(app) and "… 2 lines more" in shown_text(app))


async def test_resume_starts_an_ended_run_once(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr("grpo_core.runs.control.start_supervisor", lambda folder: started.append(folder.id))
    make_ended(write_frozen_run(runs_dir), "gone\n")
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until_read(pilot)
        await pilot.press("space")
        await until(pilot, lambda: "starts again" in shown_text(app))
        assert started == [RUN_ID]
        assert [kind for kind, *_ in commands_of(runs_dir)] == ["resume"]


async def test_a_finished_run_has_no_controls(runs_dir: Path) -> None:
    folder = write_frozen_run(runs_dir)
    make_ended(folder, "", 0)
    make_ended_at = {"max_steps": 12, "stop_reason": None, "updated_at": time.time()}
    writer = folder.writer()
    writer.set_facts(make_ended_at)
    writer.close()
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await until_read(pilot)
        await until(pilot, lambda: "✓ finished" in shown_text(app))
        await pilot.press("space", "c")
        assert "Nothing can be done to it now" in shown_text(app)
        assert screen.controls == []
