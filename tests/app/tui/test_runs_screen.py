"""The list of runs, and what is said when there is none."""

from __future__ import annotations

from pathlib import Path

from grpo_app.tui.app import GrpoTui
from grpo_app.tui.screens.runs import RunsScreen
from tests.app.tui.helpers import RUN_ID, set_facts, shown_text, until, write_frozen_run
from tests.app.tui.stand_ins import make_ended
from tests.samples import write_sample_run


async def test_an_empty_folder_says_what_to_type(runs_dir: Path) -> None:
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "There are no runs here yet" in shown_text(app))
        assert "grpo-dash train --preset demo --runs-dir runs" in shown_text(app)
        assert "n  fills in a form" in shown_text(app)


async def test_a_run_that_is_made_later_appears(runs_dir: Path) -> None:
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.screen.has_class("-empty"))
        write_frozen_run(runs_dir)
        await until(pilot, lambda: RUN_ID in shown_text(app))
        assert "12/12" in shown_text(app)


async def test_a_run_is_picked_from_several(runs_dir: Path) -> None:
    older = write_sample_run(runs_dir, 4, name="older")
    newer = write_sample_run(runs_dir, 4, name="newer")
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: newer.id in shown_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen) and older.id in shown_text(app))
        await pilot.press("j", "enter")
        await until(pilot, lambda: older.id in shown_text(app) and "step 4/4" in shown_text(app))


async def test_a_run_that_was_ended_early_is_not_called_finished(runs_dir: Path) -> None:
    folder = write_frozen_run(runs_dir)
    make_ended(folder, "", code=0)
    set_facts(folder, {"stop_reason": "discarded"})
    app = GrpoTui(runs_dir, "nothing-here")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "✓ discarded" in shown_text(app))
        assert "finished" not in shown_text(app)


async def test_an_unknown_run_is_said_on_the_list(runs_dir: Path) -> None:
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir, "nothing-here")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "no run nothing-here" in shown_text(app))
        assert isinstance(app.screen, RunsScreen)
