"""The pace from which the remaining time is told: what a pause or a stop took is no part of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from grpo_core.engine.pace import LONGEST_TICK, TICK_SECONDS, AwakeClock, Pace


class Hands:
    """A clock that stands where it was put."""

    at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def pace(hands: Hands) -> Iterator[Pace]:
    pace = Pace(AwakeClock(hands))
    yield pace
    pace.end()


def go_on(pace: Pace, hands: Hands, seconds: float) -> None:
    """The process works for so long, looked at as often as its own thread does."""
    for _ in range(int(seconds / TICK_SECONDS)):
        hands.at += TICK_SECONDS
        pace._clock.tick()


def test_it_is_the_mean_over_this_process_own_steps(pace: Pace, hands: Hands) -> None:
    pace.begin(10)
    assert pace.seconds_per_step(10) is None
    go_on(pace, hands, 4)
    assert pace.seconds_per_step(12) == pytest.approx(2)


def test_a_stopped_process_does_not_count(pace: Pace, hands: Hands) -> None:
    pace.begin(0)
    go_on(pace, hands, 4)
    hands.at += 3600
    go_on(pace, hands, 4)
    assert pace.seconds_per_step(4) == pytest.approx(2, abs=2 * TICK_SECONDS)


def test_a_pause_does_not_count_stopped_within_it_or_not(pace: Pace, hands: Hands) -> None:
    pace.begin(0)
    go_on(pace, hands, 4)
    with pace.paused():
        go_on(pace, hands, 60)
        hands.at += 3600
    assert pace.seconds_per_step(2) == pytest.approx(2)


def test_a_busy_process_counts(pace: Pace, hands: Hands) -> None:
    pace.begin(0)
    hands.at += LONGEST_TICK
    assert pace.seconds_per_step(1) == pytest.approx(LONGEST_TICK)
