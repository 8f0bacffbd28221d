"""What became of a run's problems, in the terminal: by course, in an order, and from a visit to its group."""

from __future__ import annotations

from pathlib import Path

import pytest

from grpo_app.tui.app import GrpoTui
from grpo_app.tui.problems import rate_bars
from grpo_app.tui.screens.problems import ProblemsScreen
from grpo_app.tui.widgets.problem_lists import ProblemList, VisitList
from grpo_core.runs import RunFolder
from grpo_core.types import Problem
from tests.app.tui.helpers import run_screen, shown_text, until, until_read, write_frozen_run
from tests.samples import sample_group

MANY = 130


def write_many_problems(folder: RunFolder) -> None:
    writer = folder.writer()
    first = writer.next_group_id()
    problems = [Problem(f"p-{number}", f"problem {number}", "52") for number in range(MANY)]
    writer.add_groups([sample_group(first + at, 13, [True] * 4, each) for at, each in enumerate(problems)])
    writer.close()


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_a_problem_leads_to_the_group_where_it_turned(runs_dir: Path, size: tuple[int, int]) -> None:
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=size) as pilot:
        await until_read(pilot)
        await pilot.press("P")
        await until(pilot, lambda: "learnt at step 7" in shown_text(app))
        screen = app.screen
        assert isinstance(screen, ProblemsScreen)
        place = [row["course"] for row in screen.query_one(ProblemList).rows].index("learnt")
        await pilot.press(*["j"] * place, "enter")
        await until(pilot, lambda: "↗ turned" in shown_text(app))
        visits = screen.query_one(VisitList)
        turned = next(at for at, visit in enumerate(visits.visits) if visit["step"] == 7)
        await pilot.press(*["j"] * turned, "enter")
        groups = run_screen(pilot).groups
        await until(pilot, lambda: groups.group and groups.group["id"] == visits.visits[turned]["group"])


async def test_only_one_course_and_another_order(runs_dir: Path) -> None:
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_read(pilot)
        await pilot.press("P")
        await until(pilot, lambda: app.screen.query_one(ProblemList).rows)
        await pilot.press("c")
        await until(pilot, lambda: [row["course"] for row in app.screen.query_one(ProblemList).rows] == ["learnt"])
        await pilot.press("c")
        await until(pilot, lambda: "No problem took this course." in shown_text(app))
        await pilot.press("s")
        await until(pilot, lambda: "most visits first" in shown_text(app))
        await pilot.press("escape")
        assert run_screen(pilot)


async def test_more_problems_are_read_as_one_comes_to_the_end(runs_dir: Path) -> None:
    write_many_problems(write_frozen_run(runs_dir))
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_read(pilot)
        await pilot.press("P")
        await until(pilot, lambda: app.screen.query_one(ProblemList).rows)
        if app.screen.query_one(ProblemList).rows[0]["split"] == "eval":
            await pilot.press("t")
        problems = app.screen.query_one(ProblemList)
        seen = 0
        while problems.count() < MANY:
            await pilot.press("G")
            await until(pilot, lambda: problems.count() > seen)  # noqa: B023 - looked at before it changes
            seen = problems.count()
        assert len({row["problem"]["id"] for row in problems.rows}) == problems.count()


async def test_what_is_sampled_meanwhile_comes_by_itself(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grpo_app.tui.screens.problems.REFRESH_SECONDS", 0.01)
    folder = write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_read(pilot)
        await pilot.press("P")
        await until(pilot, lambda: app.screen.query_one(ProblemList).rows)
        write_many_problems(folder)
        await until(
            pilot,
            lambda: any("problem 1" in row["problem"]["prompt"] for row in app.screen.query_one(ProblemList).rows),
        )


def test_bars_are_as_high_as_the_rate_and_none_is_a_dot() -> None:
    assert rate_bars([0.0, 0.125, 0.5, 1.0]) == "·▂▅█"
    assert len(rate_bars([0.5] * 40)) == 16
