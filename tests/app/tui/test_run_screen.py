"""The run screen: what it shows of a run, where its keys lead, and that it follows a run that grows."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from grpo_app.tui.app import GrpoTui
from grpo_app.tui.screens.help import HelpScreen
from grpo_app.tui.screens.run import GROUPS, OVERVIEW
from grpo_app.tui.screens.runs import RunsScreen
from grpo_app.tui.widgets.charts import ChartGrid
from grpo_app.tui.widgets.live_pane import LivePane
from grpo_app.tui.widgets.plot import Plot
from grpo_core.views.charts import charts_of
from tests.app.tui.helpers import RUN_ID, plot_of, run_screen, shown_text, until, until_read, write_frozen_run
from tests.samples import sample_group, write_sample_live


async def test_a_run_shows_its_state_numbers_and_curves(runs_dir: Path) -> None:
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await until_read(pilot)
        text = shown_text(app)
        for word in (
            RUN_ID,
            "embedded · grpo · trl",
            "step 12/12",
            "100 %",
            "80–100 %",
            "No signal",
            "24",
            "96",
        ):
            assert word in text
        assert "Held-out problems solved" in text
        assert f"Curves 1–4 of {len(charts_of(screen.state.metrics))}" in text


async def test_more_curves_are_a_key_away(runs_dir: Path) -> None:
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        grid = (await until_read(pilot)).query_one(ChartGrid)
        await until(pilot, lambda: grid.charts == charts_of(run_screen(pilot).state.metrics))
        seen = set()
        for _ in range(grid.pages):
            seen |= {plot.chart.id for plot in grid.query(Plot) if plot.display and plot.chart}
            await pilot.press("j")
        assert seen == {chart.id for chart in grid.charts} > {"outcomes", "gradient"}
        assert "Held-out problems solved" in shown_text(app)


async def test_curves_are_smoothed_and_their_axes_changed_by_keys(runs_dir: Path) -> None:
    write_frozen_run(runs_dir)
    async with GrpoTui(runs_dir).run_test(size=(160, 45)) as pilot:
        grid = (await until_read(pilot)).query_one(ChartGrid)
        seen = []
        for key in ("s", "s", "y", "x", "x", "y", "s"):
            await pilot.press(key)
            seen.append(grid.view)
            assert all(plot.view == grid.view for plot in grid.query(Plot) if plot.display)
        assert [view.smooth for view in seen] == [0.9, 0, 0, 0, 0, 0, 0.6]
        assert [view.words for view in seen[2:6]] == ["log axis", "log axis, no outliers", "log axis", ""]
        assert str(grid.border_title).endswith("s smoothed 0.6")


async def test_a_small_terminal_always_has_keys_in_its_footer(runs_dir: Path) -> None:
    write_frozen_run(runs_dir)
    async with GrpoTui(runs_dir).run_test(size=(80, 24)) as pilot:
        screen = await until_read(pilot)
        for _ in range(2):
            await pilot.press("l")
            await until(pilot, lambda: "r Groups" in shown_text(pilot.app))  # type: ignore[arg-type]
        assert screen.focused is screen.query_one(ChartGrid)


async def test_a_wide_terminal_shows_every_curve_and_what_is_sampled(runs_dir: Path) -> None:
    write_sample_live(write_frozen_run(runs_dir)).close()
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await until_read(pilot)
        await until(pilot, lambda: screen.query_one(LivePane).live)
        await until(pilot, lambda: all(plot.display for plot in screen.query(Plot)))
        assert "12+7=19" in shown_text(app)
        assert "sampling" in shown_text(app)
        await pilot.press("l")
        assert not screen.query_one(LivePane).display


async def test_what_is_sampled_takes_the_place_of_the_curves_on_a_small_terminal(runs_dir: Path) -> None:
    write_sample_live(write_frozen_run(runs_dir)).close()
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await until_read(pilot)
        await pilot.press("l")
        assert not screen.query_one(ChartGrid).display
        assert "12+7=19" in shown_text(app)
        await pilot.press("right_curly_bracket")
        assert "(x+3)*(x-4)" in shown_text(app)
        await pilot.press("l")
        assert screen.query_one(ChartGrid).display


async def test_keys_lead_down_to_the_verdict_and_back(runs_dir: Path) -> None:
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await until_read(pilot)
        await pilot.press("enter")
        assert screen.view == GROUPS
        assert screen.focused is screen.groups.group_list
        await pilot.press("j", "enter", "enter")
        assert screen.focused.id == "detail"
        await pilot.press("enter")
        assert screen.focused.id == "detail", "there is nothing further to open"
        await pilot.press("escape")
        assert screen.focused.id == "completions"
        await pilot.press("escape")
        assert screen.focused.id == "groups"
        await pilot.press("escape")
        assert screen.view == OVERVIEW
        await pilot.press("escape")
        assert isinstance(app.screen, RunsScreen)
        await until(pilot, lambda: RUN_ID in shown_text(app))
        await pilot.press("enter")
        await until_read(pilot)


async def test_a_growing_run_updates_the_screen(runs_dir: Path) -> None:
    folder = write_frozen_run(runs_dir, steps=4)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await until_read(pilot)
        assert "step 4/4" in shown_text(app)
        writer = folder.writer()
        writer.add_groups([sample_group(9, 5, [True, False, True, True])])
        writer.add_metrics(5, {"reward": 0.875})
        writer.set_facts({"step": 5, "max_steps": 10})
        await until(pilot, lambda: "step 5/10" in shown_text(app))
        assert screen.groups.group_list.newest_id == 9
        assert plot_of(screen, "reward").data.curves[0][-1] == (5, 0.875)
        writer.close()
        await pilot.press("r")
        await until(pilot, lambda: screen.groups.group and screen.groups.group["id"] == 9)


async def test_a_view_that_nobody_sees_costs_nothing_and_is_right_when_it_is_seen(runs_dir: Path) -> None:
    folder = write_frozen_run(runs_dir, steps=4)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await until_read(pilot)
        writer = folder.writer()
        writer.add_groups([sample_group(9, 5, [True, False, True, True])])
        await until(pilot, lambda: screen.groups.group_list.newest_id == 9)
        assert screen.groups.wanted == 8, "no other group is read for a view that is hidden"
        await pilot.press("r")
        await until(pilot, lambda: screen.groups.group and screen.groups.group["id"] == 9)
        curve = plot_of(screen, "reward").data
        writer.add_metrics(5, {"reward": 0.875})
        writer.close()
        await until(pilot, lambda: 5 in screen.state.metrics["reward"])
        assert plot_of(screen, "reward").data is curve
        await pilot.press("r")
        assert plot_of(screen, "reward").data.curves[0][-1] == (5, 0.875)


async def test_a_generation_in_progress_is_shown_as_it_grows(runs_dir: Path) -> None:
    folder = write_frozen_run(runs_dir)
    feed = write_sample_live(folder)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(160, 45)) as pilot:
        await until_read(pilot)
        feed.add({2: "a thought that goes on"})
        await until(pilot, lambda: "a thought that goes on" in shown_text(app))
        feed.phase("update")
        await until(pilot, lambda: "updating" in shown_text(app))
        feed.close()


async def test_nothing_is_drawn_anew_when_nothing_changed(runs_dir: Path) -> None:
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await until_read(pilot)
        plot = plot_of(screen, "reward")
        drawn = plot._drawn
        screen.query_one("#overview").show(screen.state)  # type: ignore[attr-defined]
        await pilot.pause()
        assert plot._drawn is drawn


async def test_of_a_chart_that_changes_only_the_lines_that_differ_are_drawn(runs_dir: Path) -> None:
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(160, 45)) as pilot:
        plot = plot_of(await until_read(pilot), "reward")
        before = plot._drawn[1]
        assert plot.chart
        first, *others = plot.data.curves
        step, value = first[-1]
        plot.show(plot.chart, replace(plot.data, curves=((*first[:-1], (step, value - 0.1)), *others)), plot.view)
        dirty = {region.y for region in plot._repaint_regions}
        assert dirty == {
            y for y, (old, new) in enumerate(zip(before, plot._drawn[1], strict=True)) if not old.is_same(new)
        }
        assert 0 < len(dirty) < plot.size.height


async def test_a_run_that_vanishes_is_said_and_does_not_crash(runs_dir: Path) -> None:
    folder = write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_read(pilot)
        shutil.rmtree(folder.path)
        await until(pilot, lambda: "is gone" in shown_text(app))


async def test_a_damaged_run_is_said_and_does_not_crash(runs_dir: Path) -> None:
    folder = write_frozen_run(runs_dir)
    folder.database.write_bytes(b"no database" * 1000)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: run_screen(pilot).query_one("#trouble").has_class("-shown"))
        assert "not a database" in shown_text(app)


@pytest.mark.parametrize("key", ["r", "l"])
async def test_resizing_never_breaks(runs_dir: Path, key: str) -> None:
    write_sample_live(write_frozen_run(runs_dir)).close()
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(160, 45)) as pilot:
        await until_read(pilot)
        await pilot.press(key)
        for width, height in [(20, 5), (1, 1), (250, 70), (40, 60)]:
            await pilot.resize_terminal(width, height)
            await pilot.pause()
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert RUN_ID in shown_text(app)


async def test_help_lists_the_keys_and_the_palette_opens(runs_dir: Path) -> None:
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_read(pilot)
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        assert "command palette" in shown_text(app)
        assert "not known (yet)" not in shown_text(app)
        await pilot.press("G")
        await until(pilot, lambda: "not known (yet)" in shown_text(app))
        await pilot.press("escape", "ctrl+p")
        await until(pilot, lambda: "Follow" in shown_text(app))
