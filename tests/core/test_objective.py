"""Advantages and rank weights against groups computed by hand, and the properties that hold for every group."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grpo_core.objective import grpo_advantages, rank_weights

FORMS = [("linear", True), ("linear", False), ("exponential", True), ("exponential", False)]
rewards_of_a_group = st.lists(st.one_of(st.none(), st.sampled_from([0.0, 0.25, 0.5, 1.0])), min_size=2, max_size=12)


def test_grpo_by_hand() -> None:
    # mean 1/4, squared deviations 3 · 1/16 + 9/16 = 3/4, variance 1/4, std 1/2
    high, low = 0.75 / 0.5001, -0.25 / 0.5001
    assert grpo_advantages([1, 0, 0, 0]) == pytest.approx([high, low, low, low], abs=1e-12)


def test_unscaled_is_the_distance_to_the_mean() -> None:
    assert grpo_advantages([1, 0, 0, 1], scale=False) == [0.5, -0.5, -0.5, 0.5]


@pytest.mark.parametrize(
    ("rewards", "form", "centred", "expected"),
    [
        ([0.9, 0.1, 0.5], "linear", False, [3 / 6, 1 / 6, 2 / 6]),
        ([0.9, 0.1, 0.5], "linear", True, [1 / 6, -1 / 6, 0.0]),
        # two right of four: places 1 and 2 share (4 + 3) / 20, places 3 and 4 share (2 + 1) / 20
        ([1, 0, 1, 0], "linear", False, [0.175 * 2, 0.075 * 2, 0.175 * 2, 0.075 * 2]),
        ([1, 0, 1, 0], "linear", True, [0.1, -0.1, 0.1, -0.1]),
        # the unscorable one takes no place
        ([1, None, 0], "linear", False, [2 / 3, 0.0, 1 / 3]),
    ],
)
def test_rank_by_hand(rewards: list[float | None], form: str, centred: bool, expected: list[float]) -> None:
    assert rank_weights(rewards, form, centred=centred) == pytest.approx(expected, abs=1e-12)  # type: ignore[arg-type]


def test_exponential_weights_fall_by_e_over_the_temperature() -> None:
    first, second, third = rank_weights([3.0, 2.0, 1.0], "exponential", centred=False, temperature=2.0)
    assert first / second == pytest.approx(math.exp(0.5))
    assert second / third == pytest.approx(math.exp(0.5))


@pytest.mark.parametrize(("form", "centred"), FORMS)
@pytest.mark.parametrize("rewards", [[1.0] * 4, [0.0] * 3, [0.3, 0.3 + 5e-7], [None, None], [None, 1.0]])
def test_equal_rewards_move_nothing(rewards: list[float | None], form: str, centred: bool) -> None:
    assert rank_weights(rewards, form, centred=centred) == [0.0] * len(rewards)  # type: ignore[arg-type]
    assert grpo_advantages(rewards) == [0.0] * len(rewards)


@pytest.mark.parametrize(("form", "centred"), FORMS)
@given(rewards=rewards_of_a_group)
def test_rank_weights_of_any_group(form: str, centred: bool, rewards: list[float | None]) -> None:
    weights = rank_weights(rewards, form, centred=centred)  # type: ignore[arg-type]
    known = [(reward, weight) for reward, weight in zip(rewards, weights, strict=True) if reward is not None]
    assert all(weight == 0.0 for reward, weight in zip(rewards, weights, strict=True) if reward is None)
    if len({reward for reward, _ in known}) < 2:
        assert not any(weights)
        return
    assert math.fsum(weights) == pytest.approx(0.0 if centred else 1.0, abs=1e-12)
    for better, weight in known:
        for worse, less in known:
            assert weight > less if better > worse else (weight == less) == (better == worse)


@given(rewards=rewards_of_a_group)
def test_grpo_advantages_sum_to_nothing(rewards: list[float | None]) -> None:
    assert math.fsum(grpo_advantages(rewards)) == pytest.approx(0.0, abs=1e-9)
