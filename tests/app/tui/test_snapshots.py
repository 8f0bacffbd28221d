"""Pictures of the screens on a small and on a large terminal. After a wanted change: pytest --snapshot-update."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from grpo_app.tui.app import GrpoTui
from grpo_app.tui.widgets.live_pane import LivePane
from tests.app.tui.helpers import RUN_ID, run_screen, shown_text, until, until_read, write_frozen_run
from tests.app.tui.stand_ins import StandInPlayground, make_ended, make_living
from tests.app.tui.test_alerts import write_dead_groups
from tests.app.tui.test_new_run_screen import CHECK, open_form
from tests.app.tui.test_playground_screen import open_playground
from tests.samples import write_sample_live

SMALL, MEDIUM, LARGE = (80, 24), (120, 35), (160, 45)
Compare = Callable[..., bool]
at_three_sizes = pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE], ids=["small", "medium", "large"])


def pressing(*keys: str, live: bool = False) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """Press keys once the run is read (and, if there is one, the generation in progress)."""

    async def run(pilot: Pilot[Any]) -> None:
        await until_read(pilot)
        if live:
            await until(pilot, lambda: run_screen(pilot).query_one(LivePane).live)
        await pilot.press(*keys)
        await pilot.pause()

    return run


@at_three_sizes
def test_run(snap_compare: Compare, runs_dir: Path, size: tuple[int, int]) -> None:
    write_sample_live(write_frozen_run(runs_dir)).close()
    assert snap_compare(GrpoTui(runs_dir), terminal_size=size, run_before=pressing(live=True))


def test_live_on_a_small_terminal(snap_compare: Compare, runs_dir: Path) -> None:
    write_sample_live(write_frozen_run(runs_dir)).close()
    assert snap_compare(GrpoTui(runs_dir), terminal_size=SMALL, run_before=pressing("l", live=True))


@at_three_sizes
def test_groups(snap_compare: Compare, runs_dir: Path, size: tuple[int, int]) -> None:
    write_frozen_run(runs_dir)
    assert snap_compare(GrpoTui(runs_dir), terminal_size=size, run_before=pressing("r"))


@at_three_sizes
def test_a_completion(snap_compare: Compare, runs_dir: Path, size: tuple[int, int]) -> None:
    write_frozen_run(runs_dir)

    async def when_listed(pilot: Pilot[Any]) -> None:
        screen = await until_read(pilot)
        await until(pilot, lambda: screen.groups.group_list.current_id == 23)

    app = GrpoTui(runs_dir, f"{RUN_ID}/group/23/k/1")
    assert snap_compare(app, terminal_size=size, run_before=when_listed)


@at_three_sizes
def test_runs(snap_compare: Compare, runs_dir: Path, size: tuple[int, int]) -> None:
    write_frozen_run(runs_dir)

    async def back_to_the_list(pilot: Pilot[Any]) -> None:
        await until_read(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: "!2 sample-0001" in shown_text(pilot.app))  # type: ignore[arg-type]

    assert snap_compare(GrpoTui(runs_dir), terminal_size=size, run_before=back_to_the_list)


def test_no_runs(snap_compare: Compare, runs_dir: Path) -> None:
    async def when_looked(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: pilot.app.screen.has_class("-empty"))

    assert snap_compare(GrpoTui(runs_dir), terminal_size=SMALL, run_before=when_looked)


@at_three_sizes
def test_help(snap_compare: Compare, runs_dir: Path, size: tuple[int, int]) -> None:
    write_frozen_run(runs_dir)
    assert snap_compare(GrpoTui(runs_dir), terminal_size=size, run_before=pressing("question_mark"))


LOG = """09:30:01 step 11 of 20: reward 0.750
Traceback (most recent call last):
  File "train.py", line 1, in <module>
torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB
"""


@at_three_sizes
def test_how_it_ended(snap_compare: Compare, runs_dir: Path, size: tuple[int, int]) -> None:
    make_ended(write_frozen_run(runs_dir), LOG)
    assert snap_compare(GrpoTui(runs_dir), terminal_size=size, run_before=pressing())


def test_controls(snap_compare: Compare, runs_dir: Path) -> None:
    make_living(write_frozen_run(runs_dir), os.getpid(), started_at=None, phase="idle", paused=True)

    async def open_menu(pilot: Pilot[Any]) -> None:
        screen = await until_read(pilot)
        await until(pilot, lambda: screen.controls)
        await pilot.press("c")
        await pilot.pause()

    assert snap_compare(GrpoTui(runs_dir), terminal_size=SMALL, run_before=open_menu)


@at_three_sizes
def test_log(snap_compare: Compare, runs_dir: Path, size: tuple[int, int]) -> None:
    make_ended(write_frozen_run(runs_dir), LOG)

    async def open_log(pilot: Pilot[Any]) -> None:
        await pressing("L")(pilot)
        await until(pilot, lambda: "Tried to allocate" in shown_text(pilot.app))  # type: ignore[arg-type]

    assert snap_compare(GrpoTui(runs_dir), terminal_size=size, run_before=open_log)


@at_three_sizes
def test_problems(snap_compare: Compare, runs_dir: Path, size: tuple[int, int]) -> None:
    write_frozen_run(runs_dir)

    async def open_problems(pilot: Pilot[Any]) -> None:
        await pressing("P")(pilot)
        await until(pilot, lambda: "turned" in shown_text(pilot.app))  # type: ignore[arg-type]

    assert snap_compare(GrpoTui(runs_dir), terminal_size=size, run_before=open_problems)


@at_three_sizes
@pytest.mark.parametrize(
    ("key", "word"), [("d", "lines are the same"), ("i", "batch-scaled")], ids=["compare", "other"]
)
def test_a_group_looked_into(snap_compare: Compare, runs_dir: Path, size: tuple[int, int], key: str, word: str) -> None:
    write_frozen_run(runs_dir)

    async def look(pilot: Pilot[Any]) -> None:
        screen = await until_read(pilot)
        await until(pilot, lambda: screen.groups.group and screen.groups.group["id"] == 11)
        await pilot.press(key)
        await until(pilot, lambda: word in shown_text(pilot.app))  # type: ignore[arg-type]

    assert snap_compare(GrpoTui(runs_dir, f"{RUN_ID}/group/11"), terminal_size=size, run_before=look)


@at_three_sizes
def test_alerts(snap_compare: Compare, runs_dir: Path, size: tuple[int, int]) -> None:
    write_dead_groups(write_frozen_run(runs_dir))

    async def open_alerts(pilot: Pilot[Any]) -> None:
        screen = await until_read(pilot)
        await until(pilot, lambda: screen.state.alerts)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: "Evidence" in shown_text(pilot.app))  # type: ignore[arg-type]

    assert snap_compare(GrpoTui(runs_dir), terminal_size=size, run_before=open_alerts)


def test_superseded_groups(snap_compare: Compare, runs_dir: Path) -> None:
    writer = write_frozen_run(runs_dir).writer()
    writer.supersede_after(8)
    writer.close()
    assert snap_compare(GrpoTui(runs_dir), terminal_size=SMALL, run_before=pressing("r"))


@pytest.mark.parametrize(
    ("size", "two"),
    [(SMALL, False), (SMALL, True), (MEDIUM, False), (LARGE, True)],
    ids=["small", "two", "medium", "large"],
)
def test_playground(snap_compare: Compare, runs_dir: Path, size: tuple[int, int], two: bool) -> None:
    write_frozen_run(runs_dir)

    async def ask(pilot: Pilot[Any]) -> None:
        screen = await open_playground(pilot, "(12+7)*3-5")
        await pilot.press(*(["ctrl+t"] if two else []), "enter")
        await until(pilot, lambda: shown_text(pilot.app).count("pass@1") == 1 + two)  # type: ignore[arg-type]
        screen.sides[0].answers.focus()  # where no cursor blinks
        await pilot.press("1")
        await pilot.pause()

    app = GrpoTui(runs_dir, playground=StandInPlayground(runs_dir))
    assert snap_compare(app, terminal_size=size, run_before=ask)


@at_three_sizes
def test_new_run(snap_compare: Compare, runs_dir: Path, size: tuple[int, int]) -> None:
    async def fill(pilot: Pilot[Any]) -> None:
        screen = await open_form(pilot)
        screen.panel.show_check(CHECK)
        screen.form.show_errors({"temperature": "It should be a number.", "objective": "Choose one."})
        await pilot.pause()

    assert snap_compare(GrpoTui(runs_dir), terminal_size=size, run_before=fill)
