"""Which charts a run has, and that every number on them is explained."""

from __future__ import annotations

import pytest

from grpo_core.views import CHARTS
from grpo_core.views.charts import FURTHER_CHARTS, SIGNAL_KEYS, charts_of, is_drawn
from grpo_core.views.explain import SCOPE_WORDS, explain, explained_chart
from grpo_core.views.step_time import phase_shares
from grpo_core.views.tiles import run_tiles

ALL_KEYS = {series.key for chart in (*CHARTS, *FURTHER_CHARTS) for series in chart.series}


def ids(*keys: str) -> list[str]:
    return [chart.id for chart in charts_of(keys)]


def test_a_run_without_metrics_has_the_charts_that_every_run_has() -> None:
    assert sorted(ids()) == sorted(chart.id for chart in CHARTS)


def test_what_a_run_does_not_log_is_not_drawn() -> None:
    assert "kl" not in ids("reward")
    assert "kl" in ids("reward", "kl")


def test_what_tells_more_takes_the_place_of_what_tells_less() -> None:
    found = ids(SIGNAL_KEYS["mixed"], "phase/sample")
    assert "signals" in found
    assert "phases" in found
    assert not {"signal", "time"} & set(found)


def test_each_reward_function_is_a_curve_where_there_are_several() -> None:
    assert "rewards" not in ids("rewards/correct/mean")
    (chart,) = [one for one in charts_of(["rewards/correct/mean", "rewards/my/own/mean"]) if one.id == "rewards"]
    assert [series.label for series in chart.series] == ["correct", "my/own"]
    assert is_drawn("rewards/my/own/mean")


def test_a_group_s_own_spread_stands_beside_the_batch_s() -> None:
    charts = {chart.id: chart for chart in charts_of(["reward", "reward_std", "group/reward_std"])}
    assert [series.key for series in charts["spread"].series] == ["group/reward_std", "reward_std"]
    assert [series.key for series in charts["reward"].series] == ["reward"]


@pytest.mark.parametrize(
    "key", sorted({*ALL_KEYS, "rewards/correct/mean", *(tile["key"] for tile in run_tiles(None, {}, []))})
)
def test_every_number_is_explained(key: str) -> None:
    explanation = explain(key)
    assert explanation is not None
    assert explanation.formula
    assert explanation.scope in SCOPE_WORDS


def test_an_explained_chart_tells_it_of_each_curve() -> None:
    assert all(series["explanation"]["formula"] for chart in CHARTS for series in explained_chart(chart)["series"])


def test_phases_are_shares_of_the_newest_steps() -> None:
    shares = phase_shares(
        {"phase/sample": [(1, 9.0), *((step, 3.0) for step in range(2, 12))], "phase/update": [(11, 1.0)]}
    )
    assert [(share.phase, share.seconds, share.share) for share in shares] == [
        ("sample", 3.0, 0.75),
        ("update", 1.0, 0.25),
    ]
    assert phase_shares({}) == []
