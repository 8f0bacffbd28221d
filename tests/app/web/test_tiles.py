"""The tiles: where a run stands and how far it has moved."""

from __future__ import annotations

from grpo_core.types import Evaluation, Json
from grpo_core.views.tiles import run_tiles


def tiles_by_key(**given: object) -> dict[str, Json]:
    tiles = run_tiles(given.get("run"), given.get("metrics", {}), given.get("evals", []))  # type: ignore[arg-type]
    return {tile["key"]: tile for tile in tiles}


def test_nothing_known_is_none_and_never_zero() -> None:
    assert {tile["value"] for tile in tiles_by_key().values()} == {None}


def test_an_evaluation_tile_compares_the_newest_with_the_first() -> None:
    evals = [Evaluation(step, 64, 4, rate, rate, (rate - 0.1, rate + 0.1), rate, rate).to_json() for step, rate in
             ((0, 0.25), (25, 0.5), (50, 0.75))]  # fmt: skip
    tiles = tiles_by_key(evals=evals)
    assert (tiles["greedy"]["value"], tiles["greedy"]["delta"]) == (0.75, 0.5)
    assert (tiles["pass@1"]["low"], tiles["pass@1"]["high"]) == (0.65, 0.85)


def test_a_first_evaluation_has_no_delta() -> None:
    evals = [Evaluation(0, 64, 4, None, 0.5, (0.4, 0.6), 0.7, None).to_json()]
    tiles = tiles_by_key(evals=evals)
    assert tiles["greedy"]["value"] is None
    assert tiles["pass@1"]["delta"] is None


def test_a_metric_tile_averages_the_newest_steps_against_the_first() -> None:
    points = [(step, 0.0 if step <= 15 else 1.0) for step in range(1, 31)]
    tile = tiles_by_key(metrics={"reward": points})["reward"]
    assert (tile["value"], tile["delta"]) == (1.0, 1.0)


def test_gaps_in_a_metric_are_left_out() -> None:
    tile = tiles_by_key(metrics={"reward": [(1, None), (2, 0.5), (3, None)]})["reward"]
    assert (tile["value"], tile["delta"]) == (0.5, None)
