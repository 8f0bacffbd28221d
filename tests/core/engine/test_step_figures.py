"""What is measured of a step beside TRL's metrics."""

from __future__ import annotations

import pytest

from grpo_core.engine.step_figures import StepFigures
from tests.samples import sample_group


def test_phases_take_their_time_and_are_given_once(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([10.0, 13.0, 13.5, 15.5])
    monkeypatch.setattr("grpo_core.engine.step_figures.time.perf_counter", lambda: next(times))
    figures = StepFigures()
    for phase in ("sample", "judge", "update", None):
        figures.enter(phase)
    figures.count_tokens([10, 20])
    taken = figures.take_times()
    assert (taken["phase/sample"], taken["phase/judge"], taken["phase/update"]) == (3.0, 0.5, 2.0)
    assert taken["sampling/tokens_per_second"] == 10.0
    assert taken["memory/process_gib"] > 0
    assert figures.take_times() == {}


def test_a_group_s_spread_is_the_mean_of_each_group_s_own() -> None:
    figures = StepFigures()
    figures.add_groups([sample_group(1, 1, [True, False]), sample_group(2, 1, [True, True])])
    assert figures.take_spread() == pytest.approx({"group/reward_std": 0.5**0.5 / 2})
    assert figures.take_spread() == {}
