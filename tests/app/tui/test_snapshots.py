"""Pictures of the screens on a small and on a large terminal. After a wanted change: pytest --snapshot-update."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from grpo_app.tui.app import GrpoTui
from grpo_app.tui.widgets.live_pane import LivePane
from tests.app.tui.helpers import RUN_ID, run_screen, shown_text, until, until_read, write_frozen_run
from tests.samples import write_sample_live

SMALL, LARGE = (80, 24), (160, 45)
Compare = Callable[..., bool]


def pressing(*keys: str, live: bool = False) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """Press keys once the run is read (and, if there is one, the generation in progress)."""

    async def run(pilot: Pilot[Any]) -> None:
        await until_read(pilot)
        if live:
            await until(pilot, lambda: run_screen(pilot).query_one(LivePane).live)
        await pilot.press(*keys)
        await pilot.pause()

    return run


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["small", "large"])
def test_run(snap_compare: Compare, runs_dir: Path, size: tuple[int, int]) -> None:
    write_sample_live(write_frozen_run(runs_dir)).close()
    assert snap_compare(GrpoTui(runs_dir), terminal_size=size, run_before=pressing(live=True))


def test_live_on_a_small_terminal(snap_compare: Compare, runs_dir: Path) -> None:
    write_sample_live(write_frozen_run(runs_dir)).close()
    assert snap_compare(GrpoTui(runs_dir), terminal_size=SMALL, run_before=pressing("l", live=True))


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["small", "large"])
def test_groups(snap_compare: Compare, runs_dir: Path, size: tuple[int, int]) -> None:
    write_frozen_run(runs_dir)
    assert snap_compare(GrpoTui(runs_dir), terminal_size=size, run_before=pressing("r"))


@pytest.mark.parametrize("size", [SMALL, (120, 35), LARGE], ids=["small", "medium", "large"])
def test_a_completion(snap_compare: Compare, runs_dir: Path, size: tuple[int, int]) -> None:
    write_frozen_run(runs_dir)

    async def when_listed(pilot: Pilot[Any]) -> None:
        screen = await until_read(pilot)
        await until(pilot, lambda: screen.groups.group_list.current_id == 23)

    app = GrpoTui(runs_dir, f"{RUN_ID}/group/23/k/1")
    assert snap_compare(app, terminal_size=size, run_before=when_listed)


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["small", "large"])
def test_runs(snap_compare: Compare, runs_dir: Path, size: tuple[int, int]) -> None:
    write_frozen_run(runs_dir)

    async def back_to_the_list(pilot: Pilot[Any]) -> None:
        await until_read(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: "sample-0001" in shown_text(pilot.app))  # type: ignore[arg-type]

    assert snap_compare(GrpoTui(runs_dir), terminal_size=size, run_before=back_to_the_list)


def test_no_runs(snap_compare: Compare, runs_dir: Path) -> None:
    async def when_looked(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: pilot.app.screen.has_class("-empty"))

    assert snap_compare(GrpoTui(runs_dir), terminal_size=SMALL, run_before=when_looked)


def test_help(snap_compare: Compare, runs_dir: Path) -> None:
    write_frozen_run(runs_dir)
    assert snap_compare(GrpoTui(runs_dir), terminal_size=SMALL, run_before=pressing("question_mark"))
