"""The list of runs, and what is said when there is none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grpo_app.tui.app import GrpoTui
from grpo_app.tui.screens.runs import RunsScreen
from grpo_app.tui.widgets.run_list import spark_bars
from grpo_core.runs.labels import Labels, read_labels
from tests.app.tui.helpers import RUN_ID, set_facts, shown_text, until, write_frozen_run
from tests.app.tui.stand_ins import make_ended, make_living
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


async def test_chosen_runs_stand_side_by_side(runs_dir: Path) -> None:
    older = write_sample_run(runs_dir, 4, name="older")
    newer = write_sample_run(runs_dir, 8, name="newer")
    app = GrpoTui(runs_dir, "nothing-here")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: newer.id in shown_text(app) and "space Choose  d Compare" in shown_text(app))
        await pilot.press("d")
        assert any("space chooses the runs to compare" in said.message for said in app._notifications)
        await pilot.press("space", "d")
        await until(pilot, lambda: "2 runs side by side" in shown_text(app) and "Reading" not in shown_text(app))
        text = shown_text(app)
        header = next(line for line in text.splitlines() if older.id in line)
        assert header.index(newer.id) < header.index(older.id), "in the order in which they were chosen"
        assert "1.00 at 8" in text
        assert "1.00 at 4" in text
        steps = next(line for line in text.splitlines() if "max_steps" in line)
        assert steps.split()[1:] == ["8", "4"]
        assert "only the figures are here" in " ".join(text.split()) or "noise in" in text
        await pilot.press("escape")
        await until(pilot, lambda: "✔" in shown_text(app))


async def test_a_run_is_given_another_name_and_tags(runs_dir: Path) -> None:
    folder = write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir, "nothing-here")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: RUN_ID in shown_text(app))
        await pilot.press("R", *"warm up", "enter")
        await until(pilot, lambda: "warm up  " in shown_text(app))
        await pilot.press("T", *"long #kept", "enter")
        await until(pilot, lambda: "#long" in shown_text(app))
        assert read_labels(folder.path) == Labels("warm up", ("long", "kept"))
        await pilot.press("R", "x", *"y" * 90, "enter")
        await until(pilot, lambda: any("80 characters" in said.message for said in app._notifications))
        assert read_labels(folder.path).name == "warm up"


async def test_a_run_is_deleted_only_after_a_yes_and_never_while_it_lives(runs_dir: Path) -> None:
    folder = write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir, "nothing-here")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: RUN_ID in shown_text(app))
        await pilot.press("D", "enter")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen))
        assert folder.path.is_dir()
        make_living(folder, os.getpid())
        await pilot.press("D", "y")
        await until(pilot, lambda: any("stop it before" in said.message for said in app._notifications))
        assert folder.path.is_dir()
        make_ended(folder, "", code=0)
        await pilot.press("D", "y")
        await until(pilot, lambda: "There are no runs here yet" in shown_text(app))
        assert not folder.path.exists()


@pytest.mark.parametrize(("values", "bars"), [([], ""), ([0.5], "▁"), ([0.0, 0.5, 1.0], "▁▅█"), ([0.1] * 40, "▁" * 14)])
def test_a_course_is_drawn_from_its_lowest_to_its_highest(values: list[float], bars: str) -> None:
    assert spark_bars(values) == bars
