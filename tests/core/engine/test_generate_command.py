"""A question to the trainer: answered with the weights of that moment, and the training goes on as if unasked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from grpo_core.config import RunConfig
from grpo_core.engine.answer import answer_json
from grpo_core.engine.policy import load_policy
from grpo_core.engine.train import train
from grpo_core.oracle import JudgePool
from grpo_core.rewards import Scorer
from grpo_core.runs import RunFolder, create_run
from grpo_core.store import Command, ControlDb, Question, Subject
from tests.core.engine.conftest import SMALL
from tests.samples import CHAIN

pytestmark = pytest.mark.training
ASKED = Question(Subject("the trainer", "trainer"), CHAIN.prompt, gold=CHAIN.gold, k=4, seed=1)


def trained(runs_dir: Path, *questions: dict) -> tuple[RunFolder, list[Command]]:
    """Three steps, with these questions waiting at the first one's end; and what came of them, in their order."""
    folder = create_run(runs_dir, RunConfig(**{**SMALL, "max_steps": 3, "save_steps": 1, "eval_steps": 0}))  # type: ignore[arg-type]
    control = ControlDb(runs_dir)
    for question in questions:
        control.issue(folder.id, "generate", "test", question)
    train(folder)
    asked = control.history(folder.id)[::-1]
    control.close()
    return folder, asked


def outcome_of(folder: RunFolder) -> tuple[list, dict[str, torch.Tensor]]:
    reader = folder.reader()
    rewards = [(row.id, row.rewards) for row in reader.group_rows(limit=1000)]
    reader.close()
    return rewards, load_file(folder.checkpoints / "checkpoint-3" / "model.safetensors")


def test_a_training_that_is_asked_goes_on_as_if_it_was_not(tmp_path: Path) -> None:
    broken = {**ASKED.to_json(), "k": 0}
    unasked, _ = trained(tmp_path / "unasked")
    asked, (one, failed, two) = trained(tmp_path / "asked", ASKED.to_json(), broken, ASKED.to_json())
    (rewards, weights), (other_rewards, other_weights) = outcome_of(unasked), outcome_of(asked)
    assert rewards == other_rewards
    assert weights.keys() == other_weights.keys()
    assert all(torch.equal(weights[name], other_weights[name]) for name in weights)
    answers = [json.loads(command.result or "") for command in (one, failed, two)]
    assert "error" in answers[1]
    assert answers[0]["completions"] == answers[2]["completions"]
    checkpoint = load_policy(str(asked.checkpoints / "checkpoint-1"))
    assert texts(answers[0]) == texts(answer_json(checkpoint, Scorer(JudgePool()), ASKED.to_json()))


def texts(answer: dict) -> list[tuple[str, float]]:
    return [(each["text"], each["reward"]) for each in answer["completions"]]
