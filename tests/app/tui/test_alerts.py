"""What deserves a look: said on the run's overview, listed with its evidence, and one key from what shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from grpo_app.tui.alerts import newest_first, query_of
from grpo_app.tui.app import GrpoTui
from grpo_app.tui.query import parse_query
from grpo_app.tui.screens.alerts import AlertsScreen
from grpo_app.tui.screens.problems import ProblemsScreen
from grpo_app.tui.widgets.alert_list import AlertList
from grpo_app.tui.widgets.problem_lists import ProblemList
from grpo_core.runs import RunFolder
from grpo_core.views.alert_watch import AlertWatch
from tests.app.tui.helpers import run_screen, shown_text, until, until_read, write_frozen_run
from tests.faults import FAULTS, write_faulty_run
from tests.samples import sample_group

DEAD = 60
"""Groups that teach nothing: more than half of the newest ones."""


def write_dead_groups(folder: RunFolder) -> int:
    """The newest of them."""
    writer = folder.writer()
    first = writer.next_group_id()
    writer.add_groups([sample_group(first + number, 13, [False] * 4) for number in range(DEAD)])
    writer.close()
    return first + DEAD - 1


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_an_alert_leads_to_what_shows_it(runs_dir: Path, size: tuple[int, int]) -> None:
    newest = write_dead_groups(write_frozen_run(runs_dir))
    app = GrpoTui(runs_dir)
    async with app.run_test(size=size) as pilot:
        screen = await until_read(pilot)
        await until(pilot, lambda: screen.state.alerts and "worth a look: " in shown_text(app))
        assert f"! {len(screen.state.alerts)} worth a look: " in shown_text(app)
        title, evidence = screen.state.alerts[0]["title"], screen.state.alerts[0]["evidence"]
        assert title[:40] in shown_text(app)
        assert "!  lists them" in shown_text(app)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: f" ! {title}" in shown_text(app))
        assert evidence[:40] in shown_text(app)
        assert f"#{newest}" in shown_text(app)
        await pilot.press("j", "j", "enter")
        await until(pilot, lambda: screen.groups.group and screen.groups.group["id"] == newest - 1)
        assert run_screen(pilot).view == "groups-view"


async def test_alerts_that_come_are_told_to_the_list_that_is_open(
    runs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grpo_core.views.alert_watch.REST_SECONDS", 0.0)
    folder = write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_read(pilot)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: isinstance(app.screen, AlertsScreen))
        assert "Most groups are all wrong" not in shown_text(app)
        newest = write_dead_groups(folder)
        await until(pilot, lambda: f"#{newest}" in shown_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: "worth a look: All completions of a problem" in shown_text(app))


def test_the_newest_alert_stands_first() -> None:
    first, second, third = ({"kind": kind} for kind in "abc")
    assert newest_first([], [first, second]) == [first, second]
    assert newest_first([first, third], [first, second, third]) == [second, first, third]
    assert newest_first([second, first], [first, second]) == [second, first]
    assert newest_first([first], []) == []


async def test_all_that_an_alert_is_about_is_listed(runs_dir: Path) -> None:
    run = write_faulty_run(runs_dir, "timeouts")
    app = GrpoTui(runs_dir, run.id)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await until_read(pilot)
        await until(pilot, lambda: "lists them" in shown_text(app))
        await pilot.press("exclamation_mark", "slash")
        await until(pilot, lambda: screen.groups.finder.found.entries)
        assert "outcome:timeout" in shown_text(app)
        assert "∞" in shown_text(app)


async def test_the_problems_that_an_alert_is_about_are_listed(runs_dir: Path) -> None:
    run = write_faulty_run(runs_dir, "forgotten")
    app = GrpoTui(runs_dir, run.id)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_read(pilot)
        await until(pilot, lambda: "lists them" in shown_text(app))
        await pilot.press("exclamation_mark", "slash")
        await until(pilot, lambda: isinstance(app.screen, ProblemsScreen) and app.screen.query_one(ProblemList).rows)
        assert {row["course"] for row in app.screen.query_one(ProblemList).rows} == {"forgotten"}


@pytest.mark.parametrize("kind", sorted(set(FAULTS) - {"healthy"}))
def test_what_an_alert_is_about_can_be_looked_for(tmp_path: Path, kind: str) -> None:
    reader = write_faulty_run(tmp_path, kind).reader()
    for alert in AlertWatch(reader).poll() or []:
        if alert["more"] and alert["more"]["page"] == "groups":
            assert not parse_query(query_of(alert["more"])).is_open
    reader.close()


async def test_back_from_what_an_alert_shows_leads_to_the_alert(runs_dir: Path) -> None:
    folder = write_faulty_run(runs_dir, "wrong-sign")
    app = GrpoTui(runs_dir, folder.id)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await until_read(pilot)
        await until(pilot, lambda: len(screen.state.alerts) == 3)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: isinstance(app.screen, AlertsScreen) and app.screen.query_one(AlertList).rows)
        await pilot.press("j", "enter")
        await until(pilot, lambda: app.screen is screen and screen.groups.group)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, AlertsScreen) and app.screen.query_one(AlertList).cursor == 1)
        await pilot.press("escape")
        assert app.screen is screen
        await pilot.press("escape")
        assert not isinstance(app.screen, AlertsScreen), "who came back goes on as ever"
