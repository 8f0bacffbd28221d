"""Groups without signal: their shares now, what they cost, and where the trend leads."""

from __future__ import annotations

import pytest

from grpo_core.views.charts import SIGNAL_KEYS
from grpo_core.views.signal import Points, signal_report


def counts(shares_correct: list[float], wrong: float = 0.0, groups: int = 100) -> dict[str, Points]:
    """A run of one step a share: so many of its groups all correct, so many all wrong, the others mixed."""
    steps = list(enumerate(shares_correct, 1))
    return {
        SIGNAL_KEYS["all_correct"]: [(step, share * groups) for step, share in steps],
        SIGNAL_KEYS["all_wrong"]: [(step, wrong * groups) for step, _ in steps],
        SIGNAL_KEYS["mixed"]: [(step, (1 - share - wrong) * groups) for step, share in steps],
        "step_time": [(step, 2.0) for step, _ in steps],
    }


def test_nothing_scored_is_no_report() -> None:
    assert signal_report({}) is None


def test_shares_are_of_the_newest_steps_and_cost_is_of_the_whole_run() -> None:
    report = signal_report(counts([0.0] * 30 + [0.5] * 30, wrong=0.25))
    assert report is not None
    assert (report.all_correct, report.all_wrong, report.mixed) == pytest.approx((0.5, 0.25, 0.25))
    assert report.lost_seconds == pytest.approx(30 * 2.0 * 0.25 + 30 * 2.0 * 0.75)
    assert report.lost_share == pytest.approx(0.5)


def test_a_rising_share_tells_when_nearly_all_groups_are_so() -> None:
    report = signal_report(counts([step / 100 for step in range(50)]))
    assert report is not None
    trend = report.trends["all_correct"]
    assert trend is not None
    assert (trend.direction, trend.reaches) == ("rising", 96)
    assert "by step 96" in report.sentence


def test_a_share_that_only_wavers_is_steady() -> None:
    report = signal_report(counts([0.3, 0.5] * 20))
    assert report is not None
    trend = report.trends["all_correct"]
    assert trend is not None
    assert trend.direction == "steady"
    assert trend.reaches is None


def test_few_steps_have_no_trend() -> None:
    report = signal_report(counts([0.1, 0.2, 0.3]))
    assert report is not None
    assert report.trends["all_correct"] is None
    assert "too few steps" in report.sentence


def test_unknown_times_are_no_cost() -> None:
    metrics = counts([0.5] * 10)
    del metrics["step_time"]
    report = signal_report(metrics)
    assert report is not None
    assert report.lost_seconds is None


def test_the_cost_of_a_long_run_is_told_from_averages() -> None:
    """100 steps in stretches of 10, times in stretches of 25: half of 100 steps of 2 s taught nothing."""
    metrics: dict[str, Points] = {
        SIGNAL_KEYS["mixed"]: [(step, 5.0) for step in range(10, 101, 10)],
        SIGNAL_KEYS["all_wrong"]: [(step, 5.0) for step in range(10, 101, 10)],
        "step_time": [(step, 2.0) for step in (25, 50, 75, *range(91, 101))],
    }
    report = signal_report(metrics)
    assert report is not None
    assert report.lost_share == pytest.approx(0.5)
