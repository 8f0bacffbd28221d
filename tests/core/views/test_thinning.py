"""Curves that a screen keeps: bounded, by step, the newest as they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grpo_core.views.thinning import add_points


@given(count=st.integers(0, 300), most=st.integers(8, 40))
def test_a_curve_stays_small_and_keeps_its_ends(count: int, most: int) -> None:
    curve: dict[int, float] = {}
    for step in range(count):
        add_points(curve, [(step, float(step))], most)
        assert len(curve) <= most
    assert not count or max(curve) == count - 1
    assert all(value <= step for step, value in curve.items()), "an average stands at its later step"
    newest = range(max(0, count - most // 4), count)
    assert all(curve[step] == step for step in newest)


def test_a_step_that_is_logged_again_is_replaced() -> None:
    curve = {1: 0.5}
    add_points(curve, [(1, 0.75), (2, 1.0)])
    assert curve == {1: 0.75, 2: 1.0}


@pytest.mark.parametrize("count", [100_000])
def test_many_points_at_once_are_thinned(count: int) -> None:
    curve: dict[int, float] = {}
    add_points(curve, [(step, 1.0) for step in range(count)])
    assert 1000 < len(curve) <= 2000
