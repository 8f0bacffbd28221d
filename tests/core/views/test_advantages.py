"""What other objectives would have made of a group: the trainer's own arithmetic, and which of them the run's is."""

from __future__ import annotations

import math

import pytest

from grpo_core.config import RunConfig
from grpo_core.objective import grpo_advantages
from grpo_core.types import Json
from grpo_core.views import compared_objectives
from tests.samples import sample_group

GROUP = sample_group(1, 1, [True, False, False, True])
STEP = [[1.0, 0.0, 0.0, 1.0], [1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 1.0]]


TRAINED = RunConfig()


def forms(config: RunConfig | None = TRAINED) -> dict[str, Json]:
    table = compared_objectives(GROUP, STEP, config, 2, 3)
    return {form["id"]: form for form in table["forms"]}


def test_every_form_is_computed_from_the_stored_rewards() -> None:
    found = forms()
    assert found["grpo"]["values"] == grpo_advantages([1.0, 0.0, 0.0, 1.0])
    assert found["dr_grpo"]["values"] == [0.5, -0.5, -0.5, 0.5]
    assert found["rloo"]["values"] == pytest.approx([2 / 3, -2 / 3, -2 / 3, 2 / 3])
    assert found["rank_linear"]["values"] == pytest.approx([0.1, -0.1, -0.1, 0.1])
    assert sum(found["rank_plain"]["values"]) == pytest.approx(1)
    batch_std = math.sqrt(sum((reward - 7 / 12) ** 2 for each in STEP for reward in each) / 11)
    assert found["batch"]["values"][0] == pytest.approx(0.5 / (batch_std + 1e-4))
    assert found["rank_adaptive"]["values"] is not None


def test_up_down_and_the_share_of_the_step() -> None:
    found = forms()
    assert (found["grpo"]["up"], found["grpo"]["down"]) == (2, 2)
    assert (found["rank_plain"]["up"], found["rank_plain"]["down"]) == (4, 0)
    # Σ|A| of the three groups is 2, 0 and 1.5 without a divisor; GRPO's divisor brings the first two near each other.
    assert found["dr_grpo"]["share"] == pytest.approx(2 / 3.5)
    assert found["grpo"]["share"] < found["dr_grpo"]["share"]


@pytest.mark.parametrize(
    ("settings", "own"),
    [
        ({}, "grpo"),
        ({"objective": "dr_grpo"}, "dr_grpo"),
        ({"scale_rewards": "batch"}, "batch"),
        ({"scale_rewards": "none"}, "dr_grpo"),
        ({"objective": "gspo"}, "grpo"),
        ({"objective": "rank", "rank_weights": "exponential"}, "rank_exponential"),
        ({"objective": "rank", "rank_centred": False}, "rank_plain"),
        ({"objective": "dpo"}, None),
    ],
)
def test_the_runs_own_form_is_named(settings: dict[str, object], own: str | None) -> None:
    found = forms(RunConfig(**settings))  # type: ignore[arg-type]
    assert [name for name, form in found.items() if form["own"]] == ([own] if own else [])


def test_the_own_form_is_held_against_what_was_stored() -> None:
    assert forms()["grpo"]["distance"] == pytest.approx(0)
    assert forms()["dr_grpo"]["distance"] > 0.1
    assert not any(form["own"] for form in forms(None).values())


def test_equal_rewards_move_nothing_under_any_form() -> None:
    table = compared_objectives(sample_group(1, 1, [True] * 4), [[1.0] * 4], RunConfig(), 0, 1)
    assert all(value == 0 for form in table["forms"] for value in form["values"] or [])
    assert {form["share"] for form in table["forms"]} == {None}
