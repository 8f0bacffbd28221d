"""Following a run: all of it first, then only what changed, and nothing when nothing did."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from grpo_core.runs import RunFolder, summarise
from grpo_core.types import Json
from grpo_core.views import CHARTS, RunFollower, follow
from grpo_core.views.charts import is_drawn
from grpo_core.views.follow import run_json
from tests.samples import sample_group, write_sample_live, write_sample_run


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return write_sample_run(tmp_path)


@pytest.fixture
def follower(folder: RunFolder) -> Iterator[RunFollower]:
    found = RunFollower(folder)
    yield found
    found.close()


def first_look(follower: RunFollower) -> Json:
    """Both parts of it."""
    change = follower.poll() or {}
    assert follower.behind
    return change | (follower.poll() or {})


def test_the_first_look_is_everything(follower: RunFollower) -> None:
    change = first_look(follower)
    assert not follower.behind
    assert set(change) == {"run", "metrics", "evals", "groups", "checkpoints"}
    assert [group["id"] for group in change["groups"]] == list(range(1, 25))
    assert len(change["metrics"]["reward"]) == 12


def test_only_what_moves_has_an_end_in_sight(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    facts, counters = {"step": 2, "max_steps": 10, "seconds_per_step": 3.0}, {"groups": 0, "completions": 0}
    normal = summarise(folder)

    def left(status: str, stalled: bool = False) -> float | None:
        monkeypatch.setattr(follow, "summarise", lambda *_: replace(normal, status=status, stalled=stalled))
        return run_json(folder, facts, counters)["eta_seconds"]

    assert left("running") == 24
    assert left("running", stalled=True) is None
    assert [left(status) for status in ("starting", "paused", "stopping", "killed")] == [None] * 4


def test_nothing_changed_is_nothing(follower: RunFollower) -> None:
    first_look(follower)
    assert follower.poll() is None


def test_only_what_is_new_comes_next(folder: RunFolder, follower: RunFollower) -> None:
    first_look(follower)
    writer = folder.writer()
    writer.add_groups([sample_group(25, 13, [True, False])])
    writer.add_metrics(13, {"reward": 0.9})
    writer.close()
    change = follower.poll()
    assert change is not None
    assert [group["id"] for group in change["groups"]] == [25]
    assert {key: points for key, points in change["metrics"].items() if not key.startswith("grpo_dash/")} == {
        "reward": [(13, 0.9)]
    }
    assert change["run"]["groups"] == 25


def test_the_generation_in_progress(folder: RunFolder, follower: RunFollower) -> None:
    first_look(follower)
    feed = write_sample_live(folder)
    change = follower.poll()
    feed.close()
    assert change is not None
    assert change["live"]["streams"][0][0] == "12+7=19\n"
    assert change["live"]["ended"][0][1] is True


def test_what_is_written_between_the_two_parts_is_not_lost(folder: RunFolder, follower: RunFollower) -> None:
    follower.poll()
    with closing(folder.writer()) as writer:
        writer.add_groups([sample_group(25, 13, [True, False])])
        writer.add_metrics(13, {"reward": 0.9})
    curves = follower.poll() or {}
    assert "groups" not in curves
    assert curves["metrics"]["reward"][-1] == (13, 0.9)
    after = follower.poll() or {}
    assert [group["id"] for group in after["groups"]] == [25]
    assert follower.poll() is None


def test_no_curve_is_drawn_twice() -> None:
    series = [(one.origin, one.key) for chart in CHARTS for one in chart.series]
    assert len(series) == len(set(series))


def test_a_first_look_at_a_long_run_is_bounded(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grpo_core.views.follow.FIRST_POINTS", 50)
    writer = folder.writer()
    with writer.batch():
        for step in range(13, 501):
            writer.add_metrics(step, {"reward": 1.0, "not drawn": 2.0})
    writer.close()
    late = RunFollower(folder)
    change = first_look(late)
    late.close()
    assert all(map(is_drawn, change["metrics"]))
    points = change["metrics"]["reward"]
    assert len(points) < 65
    assert points[-1] == (500, 1.0)
    assert points == sorted(points)


def test_counts_a_step_are_curves_too(follower: RunFollower) -> None:
    change = first_look(follower)
    signals = [change["metrics"][f"grpo_dash/train/signal/{name}"] for name in ("mixed", "all_wrong", "all_correct")]
    assert [points[0] for points in signals] == [(1, 1.0), (1, 1.0), (1, 0.0)]
    assert [points[-1] for points in signals] == [(12, 1.0), (12, 0.0), (12, 1.0)]
    assert change["metrics"]["grpo_dash/train/outcome/correct"][0] == (1, 2.0)
