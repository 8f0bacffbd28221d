"""Weighing where little or nothing could be scored: what cannot be told weighs nothing, and nothing breaks."""

from __future__ import annotations

from collections import defaultdict
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from grpo_core.config import RunConfig
from grpo_core.engine.weighing import Weigher, total_rewards

UNKNOWN = float("nan")
SETTINGS = [
    {"objective": "grpo"},
    {"objective": "grpo", "scale_rewards": "batch"},
    {"objective": "dapo"},
    {"objective": "rloo"},
    {"objective": "rank", "rank_weights": "adaptive"},
]


def weigh(settings: dict[str, Any], rewards: list[list[float]]) -> dict[str, Any]:
    """One process that sampled these groups, two tokens a completion."""
    count = sum(map(len, rewards))
    accelerator = SimpleNamespace(process_index=0, gather=lambda each: each)
    trainer = SimpleNamespace(accelerator=accelerator, _metrics={"train": defaultdict(list)})
    ids = torch.zeros(count, 2, dtype=torch.long)
    output = {
        "completion_ids": ids,
        "completion_mask": torch.ones_like(ids),
        "advantages": torch.full((count,), 7.0),
        "num_items_in_batch": torch.tensor(2 * count),
    }
    Weigher(RunConfig(**settings)).weigh(trainer, torch.tensor(rewards), output)  # type: ignore[arg-type]
    return output


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda s: "-".join(s.values()))
def test_what_could_not_be_scored_weighs_nothing(settings: dict[str, Any]) -> None:
    output = weigh(settings, [[UNKNOWN, UNKNOWN], [UNKNOWN, UNKNOWN]])
    assert output["advantages"].tolist() == [0.0] * 4
    assert output["num_items_in_batch"] == 8
    output = weigh(settings, [[UNKNOWN, UNKNOWN, UNKNOWN], [1.0, UNKNOWN, 0.0]])
    assert output["advantages"][:3].tolist() == [0.0] * 3
    assert output["advantages"][3] > 0 == output["advantages"][4] > output["advantages"][5]


def test_dapo_counts_the_tokens_of_groups_with_a_signal() -> None:
    output = weigh({"objective": "dapo"}, [[1.0, 0.0, 0.0], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0]])
    assert output["num_items_in_batch"] == 6


def test_totals_are_unknown_where_the_answer_could_not_be_judged() -> None:
    rewards = torch.tensor([[1.0, 0.0], [UNKNOWN, 1.0], [0.0, UNKNOWN]])
    totals = total_rewards(rewards, {"correct": 1.0, "format": 0.5})
    assert totals[0] == 1.0
    assert totals.isnan().tolist() == [False, True, False]
