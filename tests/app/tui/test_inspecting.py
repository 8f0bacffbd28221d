"""Looking into a group and a run: best against worst, other objectives, another gold answer, each number's making."""

from __future__ import annotations

from pathlib import Path

import pytest

from grpo_app.tui.app import GrpoTui
from grpo_app.tui.query import parse_query
from grpo_app.tui.screens.run import RunScreen
from grpo_app.tui.why import tree_lines
from grpo_app.tui.widgets.charts import ChartGrid
from grpo_core.views.parse_tree import parse_tree
from tests.app.tui.helpers import RUN_ID, shown_text, until, until_read, write_frozen_run


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_best_stands_against_worst(runs_dir: Path, size: tuple[int, int]) -> None:
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir, f"{RUN_ID}/group/23")
    async with app.run_test(size=size) as pilot:
        await until_read(pilot)
        await pilot.press("d")
        await until(pilot, lambda: "lines are the same" in shown_text(app))
        text = shown_text(app)
        assert "− k0 ✓ correct  reward 1.00  advantage +0.50" in text
        assert "+ k1 ✗ wrong  reward 0.00  advantage -1.50" in text
        assert "= 12+7=19" in text
        assert "◂ answer" in text
        await pilot.press("2")
        await until(pilot, lambda: "+ k2" in shown_text(app))
        await pilot.press("left_curly_bracket")
        await until(pilot, lambda: "+ #21 k0" in shown_text(app))
        await pilot.press("tab")
        await until(pilot, lambda: "− #21 k0  against  + #23 k0" in shown_text(app))
        await pilot.press("escape")
        await until_read(pilot)


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_other_objectives_are_a_table_with_signed_bars(runs_dir: Path, size: tuple[int, int]) -> None:
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir, f"{RUN_ID}/group/23")
    async with app.run_test(size=size) as pilot:
        await until_read(pilot)
        await pilot.press("i")
        await until(pilot, lambda: "▸ GRPO" in shown_text(app))
        text = shown_text(app)
        assert "│█   +0.50" in text
        assert "███│    -1.50" in text
        assert "↑ 3  ↓ 1" in text
        await pilot.press("G")
        await until(pilot, lambda: "is what entered its loss" in shown_text(app))


async def test_a_group_that_is_gone_is_said(runs_dir: Path) -> None:
    folder = write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir, f"{RUN_ID}/group/23")
    async with app.run_test(size=(80, 24)) as pilot:
        await until_read(pilot)
        folder.database.unlink()
        await pilot.press("i")
        await until(pilot, lambda: "! " in shown_text(app) and "Reading …" not in shown_text(app))


def test_a_parse_is_a_tree_of_lines() -> None:
    tree = parse_tree(["add", ["n", "3"], ["mul", ["s", "x"], ["n", "-2"]]])
    assert tree_lines(tree) == ["+  sum", "├ 3", "└ ×  product", "  ├ x", "  └ −2"]


async def test_a_completion_is_judged_again_against_another_gold(runs_dir: Path) -> None:
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir, f"{RUN_ID}/group/23/k/1")
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await until_read(pilot)
        await until(pilot, lambda: screen.groups.completions.cursor == 1)
        await pilot.press("J")
        await until(pilot, lambda: "against which gold answer?" in shown_text(app))
        await pilot.press("2", "8", "enter")
        await until(pilot, lambda: "stored    ✗ wrong" in shown_text(app))
        assert "✓ correct" in shown_text(app), "the gold that stood there was typed over, and 28 is what it answered"
        assert "gold  28" in shown_text(app)
        await pilot.press("escape")
        await until_read(pilot)


async def test_each_number_says_how_it_comes_about_and_what_to_read(runs_dir: Path) -> None:
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 200)) as pilot:
        screen = await until_read(pilot)
        await pilot.press("e")
        await until(pilot, lambda: "What each number means" in shown_text(app))
        text = shown_text(app)
        for chart in screen.query_one(ChartGrid).charts:
            assert chart.title in text
        assert "= problems whose greedy answer is right / n" in text
        behind = [line.partition("read behind it: / ")[2].strip() for line in text.splitlines()]
        assert "split:train truncated:yes" in behind
        for line in filter(None, behind):
            parse_query(line)


async def test_the_settings_of_a_run_are_a_key_away(runs_dir: Path) -> None:
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_read(pilot)
        await pilot.press("S")
        await until(pilot, lambda: "num_generations" in shown_text(app))
        text = shown_text(app)
        assert text.index("Differ from the defaults") < text.index("max_steps")
        assert "12  (usually 200)" in text
        await pilot.press("escape")
        assert isinstance(app.screen, RunScreen)
