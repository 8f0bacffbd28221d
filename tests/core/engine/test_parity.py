"""What entered TRL's loss is what the stored rewards say, for every objective, recomputed here from scratch."""

from __future__ import annotations

import math

import pytest

from grpo_core.types import Group
from tests.core.engine.conftest import TrainRun

pytestmark = pytest.mark.training

FORMS = [
    {"objective": "grpo"},
    {"objective": "rank", "rank_weights": "linear", "rank_centred": True},
    {"objective": "rank", "rank_weights": "linear", "rank_centred": False},
    {"objective": "rank", "rank_weights": "exponential", "rank_centred": True},
    {"objective": "rank", "rank_weights": "exponential", "rank_centred": False},
]


def independent_advantages(rewards: list[float], settings: dict) -> list[float]:
    """Written from the equations, not from the code: by comparing pairs instead of sorting."""
    count = len(rewards)
    if len(set(rewards)) == 1:
        return [0.0] * count
    if settings["objective"] == "grpo":
        mean = sum(rewards) / count
        std = math.sqrt(sum((reward - mean) ** 2 for reward in rewards) / (count - 1))
        return [(reward - mean) / (std + 1e-4) for reward in rewards]
    if settings["rank_weights"] == "linear":
        of_place = [(count - place) / (count * (count + 1) / 2) for place in range(count)]
    else:
        total = sum(math.exp(-place) for place in range(count))
        of_place = [math.exp(-place) / total for place in range(count)]
    weights = []
    for reward in rewards:
        better = sum(other > reward for other in rewards)
        tied = sum(other == reward for other in rewards)
        weights.append(sum(of_place[better : better + tied]) / tied)
    return [weight - (1 / count if settings["rank_centred"] else 0.0) for weight in weights]


@pytest.mark.parametrize("settings", FORMS, ids=lambda s: "-".join(str(value) for value in s.values()))
@pytest.mark.parametrize("rewards", [{"correct": 1.0}, {"correct": 1.0, "partial": 0.3}], ids=["binary", "graded"])
def test_advantages_are_those_of_the_stored_rewards(train_run: TrainRun, settings: dict, rewards: dict) -> None:
    reader = train_run(**settings, rewards=rewards).reader()
    groups = [group for group in reader.groups(100) if group.split == "train"]
    reader.close()
    assert len(groups) == 16
    assert any(group.signal == "mixed" for group in groups)
    for group in groups:
        _assert_parity(group, settings)


def _assert_parity(group: Group, settings: dict) -> None:
    entered = [completion.advantage for completion in group.completions]
    rewards = group.known_rewards
    if group.signal == "mixed":
        assert entered == pytest.approx(independent_advantages(rewards, settings), abs=1e-5)
    else:
        assert entered == [0.0] * len(entered)
    weights = [completion.weight for completion in group.completions]
    assert weights == (entered if settings["objective"] == "rank" else [None] * len(entered))
