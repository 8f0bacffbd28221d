"""A resumed run is the uninterrupted one, bit for bit: weights, rewards, problems, sampling."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from grpo_core.config import RunConfig, model_folder
from grpo_core.engine.train import train
from grpo_core.runs import RunFolder, create_run
from grpo_core.runs.checkpoints import complete_checkpoints, step_of
from grpo_core.store import ControlDb
from tests.core.engine.conftest import SMALL, TrainRun

pytestmark = pytest.mark.training

CASES = {
    "grpo": {},
    "rank": {"objective": "rank"},
    "rank-exponential": {"objective": "rank", "rank_weights": "exponential", "rank_centred": False},
    "rank-adaptive": {"objective": "rank", "rank_weights": "adaptive"},
    "dpo": {"objective": "dpo"},
    "two-updates": {"objective": "gspo", "num_iterations": 2},
    "ladder": {"temperature_ladder": 0.3, "top_k": 20, "min_p": 0.01, "repetition_penalty": 1.05},
    "accumulated": {"per_device_train_batch_size": 8},
    "lora": {"lora_r": 4},
    "lora-dropout": {"lora_r": 4, "lora_dropout": 0.2},
    "kl": {"beta": 0.05},
    "evaluated": {"eval_steps": 1, "eval_problems": 4},
    "two-threads": {"threads": 2, "max_completion_length": 12},
    "linear-schedule": {"lr_scheduler_type": "linear", "temperature": 0.8},
}


@pytest.mark.parametrize("settings", CASES.values(), ids=CASES)
def test_a_resumed_run_is_the_uninterrupted_one(train_run: TrainRun, tmp_path: Path, settings: dict) -> None:
    resume_and_compare(train_run(max_steps=4, save_steps=2, **settings), 2, tmp_path)


def test_a_run_in_its_second_epoch_goes_on_exactly(
    train_run: TrainRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grpo_core.runs.material.MOST_PROBLEMS", 24)
    problems = tmp_path / "few.jsonl"
    rows = [{"prompt": f"Compute {number} + 4.", "gold": str(number + 4)} for number in range(20)]
    problems.write_text("".join(json.dumps(row) + "\n" for row in rows))
    whole = train_run(max_steps=5, save_steps=4, problems=str(problems))
    resume_and_compare(whole, 4, tmp_path)
    state = json.loads((whole.checkpoints / "checkpoint-4" / "trainer_state.json").read_text())
    assert 1 < state["epoch"] < 2


def test_a_policy_with_dropout_goes_on_exactly(train_run: TrainRun, tmp_path: Path) -> None:
    model = tmp_path / "dropping"
    shutil.copytree(model_folder("embedded") or "", model)
    settings = json.loads((model / "config.json").read_text())
    (model / "config.json").write_text(json.dumps({**settings, "attention_dropout": 0.2}))
    whole = train_run(max_steps=4, save_steps=2, model=str(model))
    assert groups_of(whole) != groups_of(train_run(max_steps=4, save_steps=4)), "it drops nothing"
    resume_and_compare(whole, 2, tmp_path)


@pytest.mark.parametrize(
    "settings",
    [
        {"objective": "rank", "rank_weights": "adaptive", "temperature_ladder": 0.2},
        {"objective": "dpo", "lora_r": 4, "lora_dropout": 0.1, "learning_rate": 1e-3},
    ],
    ids=["whole", "adapter"],
)
def test_the_same_seed_gives_the_same_run(train_run: TrainRun, settings: dict) -> None:
    one, again, other = (train_run(**settings, save_steps=2, seed=seed) for seed in (4, 4, 5))
    assert groups_of(one, after=0) == groups_of(again, after=0)
    assert groups_of(one, after=0) != groups_of(other, after=0)
    first, second = weights_of(one, 2), weights_of(again, 2)
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_stop_waits_for_the_end_of_a_generation(tmp_path: Path) -> None:
    settings = {**SMALL, "objective": "gspo", "num_iterations": 3, "max_steps": 9, "save_steps": 9, "eval_steps": 0}
    folder = create_run(tmp_path / "runs", RunConfig(**settings))  # type: ignore[arg-type]
    control = ControlDb(tmp_path / "runs")
    control.issue(folder.id, "stop", "test")
    control.close()
    train(folder)
    assert [step_of(path) for path in complete_checkpoints(folder.checkpoints)] == [3]


def test_what_came_after_the_checkpoint_is_superseded(train_run: TrainRun) -> None:
    folder = train_run(max_steps=3, save_steps=2)
    shutil.rmtree(folder.checkpoints / "checkpoint-3")
    train(folder)
    reader = folder.reader()
    rows = reader.group_rows(limit=1000)
    metrics = reader.metrics_since()
    reader.close()
    third = [row for row in rows if row.step == 3]
    assert [row.superseded for row in third] == [False] * 8 + [True] * 8
    assert not any(row.superseded for row in rows if row.step < 3)
    assert [step for step, _ in metrics["reward"]] == [1, 2, 3]
    assert len({row.id for row in rows}) == len(rows) == 32


def test_a_damaged_checkpoint_is_named_and_the_one_before_taken(
    train_run: TrainRun, caplog: pytest.LogCaptureFixture
) -> None:
    folder = train_run(max_steps=3, save_steps=1)
    (folder.checkpoints / "checkpoint-3" / "manifest.json").unlink()
    weights = folder.checkpoints / "checkpoint-2" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-8] + b"damaged!")
    with caplog.at_level("INFO"):
        train(folder)
    assert "checkpoint-3 was not finished" in caplog.text
    assert "checkpoint-2 is damaged: model.safetensors is not what was written" in caplog.text
    assert "going on from checkpoint-1" in caplog.text


def resume_and_compare(whole: RunFolder, step: int, tmp_path: Path) -> None:
    """Go on from the checkpoint of `step` in a run of its own: all that follows is as it was."""
    resumed = cut_off_after(whole, step, tmp_path)
    train(resumed)
    assert groups_of(resumed, step) == groups_of(whole, step)
    last = whole.config().max_steps
    one, other = weights_of(whole, last), weights_of(resumed, last)
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


def cut_off_after(whole: RunFolder, step: int, tmp_path: Path) -> RunFolder:
    """A run of the same configuration that has only the checkpoint of this step."""
    folder = create_run(tmp_path / "cut", RunConfig(**whole.config().model_dump()))
    name = f"checkpoint-{step}"
    shutil.copytree(whole.checkpoints / name, folder.checkpoints / name)
    return folder


def groups_of(folder: RunFolder, after: int = 2) -> list[tuple]:
    reader = folder.reader()
    groups = [group for group in reader.groups(1000) if group.step > after and group.split == "train"]
    reader.close()
    return [
        (group.step, group.problem.id, [(c.text, c.reward, c.advantage) for c in group.completions]) for group in groups
    ]


def weights_of(folder: RunFolder, step: int) -> dict[str, torch.Tensor]:
    (found,) = (folder.checkpoints / f"checkpoint-{step}").glob("*model.safetensors")
    return load_file(found)
