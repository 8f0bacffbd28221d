"""The log: its end, followed, cleaned, wrapped, and bounded."""

from __future__ import annotations

from pathlib import Path

import pytest

from grpo_app.tui import log_tail
from grpo_app.tui.app import GrpoTui
from grpo_app.tui.log_tail import LogTail
from grpo_app.tui.screens.run import LOG, OVERVIEW
from grpo_app.tui.widgets import log_view
from grpo_app.tui.widgets.log_view import LogView
from tests.app.tui.helpers import shown_text, until, until_read, write_frozen_run


def lines_of(tail: LogTail) -> tuple[list[str], bool] | None:
    grew = tail.poll()
    return (grew.lines, grew.anew) if grew else None


def test_only_whole_lines_and_the_last_writing_of_each(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    tail = LogTail(log, lambda message: None)
    assert lines_of(tail) is None
    log.write_bytes(b"one\r\n 10%\r 50%\r100%\ntwo \xff")
    assert lines_of(tail) == (["one", "100%"], True)
    assert lines_of(tail) is None
    log.write_bytes(log.read_bytes() + b"end\n")
    assert lines_of(tail) == (["two �end"], False)
    log.write_bytes(b"anew\n")
    assert lines_of(tail) == (["anew"], True)


def test_a_huge_log_is_read_from_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_tail, "FIRST_BYTES", 1000)
    log = tmp_path / "log.txt"
    log.write_bytes(b"x" * 5_000_000 + b"\nthe end\n")
    lines, _ = lines_of(LogTail(log, lambda message: None)) or ([], False)
    assert lines[-1] == "the end"
    assert sum(map(len, lines)) <= 1000


async def test_the_log_is_followed_until_somebody_moves_up(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_tail, "POLL_SECONDS", 0.02)
    folder = write_frozen_run(runs_dir)
    folder.log.write_text("\n".join(f"line {number}" for number in range(100)) + "\n\x1b]0;pwned\x07[bold]evil[/]\n")
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await until_read(pilot)
        await pilot.press("L")
        assert screen.view == LOG
        await until(pilot, lambda: "�]0;pwned�[bold]evil[/]" in shown_text(app))
        with folder.log.open("a") as log:
            log.write("a new line\n")
        await until(pilot, lambda: "a new line" in shown_text(app))
        await pilot.press("g")
        assert "line 0 " in shown_text(app)
        with folder.log.open("a") as log:
            log.write("another\n")
        await until(pilot, lambda: "103 lines" in shown_text(app))
        assert "another" not in shown_text(app)
        await pilot.press("G")
        assert "another" in shown_text(app)
        await pilot.resize_terminal(30, 10)
        await until(pilot, lambda: "another" in shown_text(app))
        await pilot.press("escape")
        assert screen.view == OVERVIEW


async def test_only_so_many_lines_are_kept(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_view, "MOST_LINES", 50)
    folder = write_frozen_run(runs_dir)
    folder.log.write_text("".join(f"{number} {'long ' * 60}\n" for number in range(200)))
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await until_read(pilot)
        await pilot.press("L")
        view = screen.query_one(LogView)
        await until(pilot, lambda: "199 long" in shown_text(app))
        assert view.count() <= 50
