"""Advantages and rank weights against groups computed by hand, and the properties that hold for every group."""

from __future__ import annotations

import math
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grpo_core.config import CLIPPED_OBJECTIVES, Objective, RunConfig
from grpo_core.objective import (
    OBJECTIVES,
    Beyond,
    adaptive_temperature,
    advantages,
    dpo_weights,
    follow,
    grpo_advantages,
    mixedness,
    mixedness_of_groups,
    preference_pair,
    rank_weights,
    rloo_advantages,
    truncated_importance,
)

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


@given(st.lists(st.sampled_from([0.0, 1.0]), min_size=2, max_size=12))
def test_on_rewards_of_0_and_1_centred_linear_weights_are_dr_grpos(rewards: list[float]) -> None:
    """(k − c)/(k(k + 1)) for each of c right ones is (1 − c/k)/(k + 1): only graded rewards tell the two apart."""
    expected = [value / (len(rewards) + 1) for value in grpo_advantages(rewards, scale=False)]
    assert rank_weights(rewards, "linear") == pytest.approx(expected, abs=1e-12)


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


def test_rloo_by_hand() -> None:
    # the others' mean: 1/3 for a wrong one beside one right and two wrong, 0 for the right one
    assert rloo_advantages([1, 0, 0, 0]) == pytest.approx([1.0, -1 / 3, -1 / 3, -1 / 3], abs=1e-12)
    assert rloo_advantages([0.5, None, 0.25]) == [0.25, 0.0, -0.25]


@given(rewards=rewards_of_a_group)
def test_rloo_is_the_distance_to_the_mean_with_bessels_factor(rewards: list[float | None]) -> None:
    count = sum(reward is not None for reward in rewards)
    expected = [value * count / (count - 1) for value in grpo_advantages(rewards, scale=False)] if count > 1 else []
    assert rloo_advantages(rewards)[: len(expected)] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("rewards", "expected"),
    [
        ([1, 0, 0, 0], 3 / 6),
        ([1, 1, 0, 0], 4 / 6),
        ([1, 1, 1, 1], 0.0),
        ([1, 0.5, 0], 1.0),
        ([1, None, 0], 1.0),
        ([1], None),
    ],
)
def test_how_mixed_a_group_is(rewards: list[float | None], expected: float | None) -> None:
    assert mixedness(rewards) == expected


def test_the_adaptive_temperature_follows_how_mixed_groups_are() -> None:
    state = follow(None, mixedness_of_groups([[1, 0, 0, 0], [1, 1, 1, 1]]))
    assert state == 0.25
    assert follow(state, None) == state
    state = follow(state, mixedness_of_groups([[1, 1, 0], [None, None, 1]]))
    assert state == pytest.approx(0.9 * 0.25 + 0.1 * 2 / 3)
    assert adaptive_temperature(0.5, 8) == 4.0
    assert adaptive_temperature(0.5, 8, 0.5) == 2.0
    assert adaptive_temperature(0.0, 8) == 0.25


def test_adaptive_weights_are_exponential_ones_at_the_states_temperature() -> None:
    config = RunConfig(objective="rank", rank_weights="adaptive")
    rewards = [3.0, 1.0, 2.0, 1.0]
    expected = rank_weights(rewards, "exponential", temperature=4 * 0.3)
    assert advantages(config, rewards, Beyond(mixedness=0.3)) == expected
    assert advantages(config, rewards) is None


@pytest.mark.parametrize(
    ("rewards", "pair"),
    [([0, 1, 0.5, 1], (1, 0)), ([None, 0.2, 0.1], (1, 2)), ([1, 1], None), ([0.3, 0.3 + 5e-7], None), ([None], None)],
)
def test_a_pair_is_the_best_against_the_worst(rewards: list[float | None], pair: tuple[int, int] | None) -> None:
    assert preference_pair(rewards) == pair


def test_dpo_by_hand() -> None:
    # margin log 9 at β 0.5: σ(−log 3) = 1/4
    weights = dpo_weights([1, 0, 0.5], [math.log(3), -math.log(3), 7.0], 0.5)
    assert weights == pytest.approx([0.125, -0.125, 0.0], abs=1e-12)
    assert dpo_weights([1, 1], [0.0, 1.0], 0.5) == [0.0, 0.0]
    assert dpo_weights([1, 0], [1e5, -1e5], 1.0) == pytest.approx([0.0, 0.0])
    assert dpo_weights([0, 1], [1e5, -1e5], 1.0) == pytest.approx([-1.0, 1.0])


def test_an_importance_weight_is_cut() -> None:
    assert truncated_importance(math.log(0.5)) == pytest.approx(0.5)
    assert truncated_importance(1e9) == pytest.approx(5.0)


def test_every_objective_is_in_the_table() -> None:
    assert tuple(OBJECTIVES) == get_args(Objective)
    assert tuple(name for name, info in OBJECTIVES.items() if info.clips) == CLIPPED_OBJECTIVES


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_one_entry_knows_every_objective(name: str) -> None:
    config = RunConfig(objective=name)  # type: ignore[arg-type]
    rewards = [1.0, None, 0.0, 0.0]
    expected = {
        "dr_grpo": grpo_advantages(rewards, scale=False),
        "rloo": rloo_advantages(rewards),
        "rank": rank_weights(rewards),
        "dpo": None,
    }
    assert advantages(config, rewards) == expected.get(name, grpo_advantages(rewards))
    equal = advantages(config, [1.0, 1.0], Beyond(log_ratios=[0.0, 0.0]))
    assert equal == [0.0, 0.0]


def test_a_batch_scale_needs_the_batch() -> None:
    config = RunConfig(scale_rewards="batch")
    assert advantages(config, [1.0, 0.0]) is None
    assert advantages(config, [1.0, 0.0], Beyond(batch_std=0.25)) == pytest.approx([0.5 / 0.2501, -0.5 / 0.2501])
