"""What entered TRL's loss is what the stored rewards say, for every objective, recomputed here from scratch."""

from __future__ import annotations

import math

import pytest

from grpo_core.types import Group
from tests.core.engine.conftest import TrainRun

pytestmark = pytest.mark.training

FORMS = [
    {"objective": "grpo"},
    {"objective": "grpo", "scale_rewards": "batch"},
    {"objective": "grpo", "scale_rewards": "none"},
    {"objective": "dr_grpo"},
    {"objective": "dapo"},
    {"objective": "gspo"},
    {"objective": "cispo"},
    {"objective": "rloo"},
    {"objective": "rank", "rank_weights": "linear", "rank_centred": True},
    {"objective": "rank", "rank_weights": "linear", "rank_centred": False},
    {"objective": "rank", "rank_weights": "exponential", "rank_centred": True},
    {"objective": "rank", "rank_weights": "exponential", "rank_centred": False},
    {"objective": "rank", "rank_weights": "adaptive", "rank_centred": True},
]
GRADED = {"correct": 1.0, "partial": 0.3}


def independent_advantages(groups: list[Group], settings: dict) -> list[list[float]]:
    """Written from the equations, not from the code: by comparing pairs instead of sorting. Groups of one step."""
    rewards = [group.known_rewards for group in groups]
    everything = [reward for group in rewards for reward in group]
    return [_of_group(group, settings, std_of(everything), 1.0) for group in rewards]


def std_of(rewards: list[float]) -> float:
    mean = sum(rewards) / len(rewards)
    return math.sqrt(sum((reward - mean) ** 2 for reward in rewards) / (len(rewards) - 1))


def _of_group(rewards: list[float], settings: dict, batch_std: float, temperature: float) -> list[float]:
    count, name = len(rewards), settings["objective"]
    mean = sum(rewards) / count
    if len(set(rewards)) == 1:
        return [0.0] * count
    if name == "rloo":
        return [reward - (sum(rewards) - reward) / (count - 1) for reward in rewards]
    if name != "rank":
        scale = "none" if name == "dr_grpo" else settings.get("scale_rewards", "group")
        divisor = {"none": 1.0, "batch": batch_std + 1e-4, "group": std_of(rewards) + 1e-4}[scale]
        return [(reward - mean) / divisor for reward in rewards]
    if settings["rank_weights"] == "linear":
        of_place = [(count - place) / (count * (count + 1) / 2) for place in range(count)]
    else:
        total = sum(math.exp(-place / temperature) for place in range(count))
        of_place = [math.exp(-place / temperature) / total for place in range(count)]
    weights = []
    for reward in rewards:
        better = sum(other > reward for other in rewards)
        tied = sum(other == reward for other in rewards)
        weights.append(sum(of_place[better : better + tied]) / tied)
    return [weight - (1 / count if settings["rank_centred"] else 0.0) for weight in weights]


def adaptive_advantages(steps: list[list[Group]], settings: dict) -> list[list[list[float]]]:
    """The rule of the adaptive temperature, replayed over a run's steps."""
    state, found = None, []
    for groups in steps:
        shares = []
        for group in groups:
            pairs = [(a, b) for i, a in enumerate(group.known_rewards) for b in group.known_rewards[:i]]
            shares.append(sum(a != b for a, b in pairs) / len(pairs))
        now = sum(shares) / len(shares)
        state = now if state is None else 0.9 * state + 0.1 * now
        temperature = max(4 * state, 0.25)
        found.append([_of_group(group.known_rewards, settings, 1.0, temperature) for group in groups])
    return found


@pytest.mark.parametrize("settings", FORMS, ids=lambda s: "-".join(str(value) for value in s.values()))
def test_advantages_are_those_of_the_stored_rewards(train_run: TrainRun, settings: dict) -> None:
    # Grades make every step as wide as it can be; the plain reward is what the demo has.
    rewards = {"correct": 1.0} if settings == {"objective": "grpo"} else GRADED
    reader = train_run(**settings, rewards=rewards).reader()
    groups = sorted((group for group in reader.groups(100) if group.split == "train"), key=lambda group: group.id)
    reader.close()
    assert len(groups) == 16
    assert any(group.signal == "mixed" for group in groups)
    steps = [[group for group in groups if group.step == step] for step in (1, 2)]
    if settings.get("rank_weights") == "adaptive":
        expected = adaptive_advantages(steps, settings)
    else:
        expected = [independent_advantages(step, settings) for step in steps]
    for step, wanted in zip(steps, expected, strict=True):
        for group, advantages in zip(step, wanted, strict=True):
            _assert_parity(group, advantages, settings)


def test_a_pair_weighs_what_its_stored_log_probabilities_say(train_run: TrainRun) -> None:
    """w = ±β σ(−β · margin) of the best and the worst, from what is stored of policy and reference."""
    beta = 0.5
    folder = train_run(objective="dpo", dpo_beta=beta, rewards=GRADED, max_steps=3, learning_rate=1e-3)
    reader = folder.reader()
    groups = [group for group in reader.groups(100) if group.split == "train"]
    reader.close()
    moved = 0
    for group in groups:
        rewards = group.known_rewards
        expected = [0.0] * len(rewards)
        if max(rewards) > min(rewards):
            best, worst = rewards.index(max(rewards)), rewards.index(min(rewards))
            margin = _log_ratio(group, best) - _log_ratio(group, worst)
            expected[best] = beta / (1 + math.exp(beta * margin))
            expected[worst] = -expected[best]
            moved += abs(margin) > 0.1
        assert [completion.advantage for completion in group.completions] == pytest.approx(expected, abs=1e-5)
        assert {completion.weight for completion in group.completions} == {None}
    assert moved > 4


def _log_ratio(group: Group, index: int) -> float:
    """log π(y|x) − log π_ref(y|x) in nats, over all of y's tokens."""
    completion = group.completions[index]
    assert completion.mean_logprob is not None
    assert completion.reference_logprob is not None
    assert completion.token_count is not None
    return (completion.mean_logprob - completion.reference_logprob) * completion.token_count


def _assert_parity(group: Group, expected: list[float], settings: dict) -> None:
    entered = [completion.advantage for completion in group.completions]
    assert entered == pytest.approx(expected, abs=1e-5)
    if group.signal != "mixed":
        assert entered == [0.0] * len(entered)
    weights = [completion.weight for completion in group.completions]
    assert weights == (entered if settings["objective"] == "rank" else [None] * len(entered))
