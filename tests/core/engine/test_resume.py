"""A resumed run is the uninterrupted one, bit for bit: weights, rewards, problems, sampling."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from grpo_core.config import RunConfig
from grpo_core.engine.train import train
from grpo_core.runs import RunFolder, create_run
from tests.core.engine.conftest import TrainRun

pytestmark = pytest.mark.training

CASES = {
    "grpo": {},
    "rank": {"objective": "rank"},
    "rank-exponential": {"objective": "rank", "rank_weights": "exponential", "rank_centred": False},
    "accumulated": {"per_device_train_batch_size": 8},
    "lora": {"lora_r": 4},
    "kl": {"beta": 0.05},
    "evaluated": {"eval_steps": 1, "eval_problems": 4},
    "two-threads": {"threads": 2},
    "linear-schedule": {"lr_scheduler_type": "linear", "temperature": 0.8},
}


@pytest.mark.parametrize("settings", CASES.values(), ids=CASES)
def test_a_resumed_run_is_the_uninterrupted_one(train_run: TrainRun, tmp_path: Path, settings: dict) -> None:
    whole = train_run(max_steps=4, save_steps=2, **settings)
    resumed = cut_off_after(whole, 2, tmp_path)
    train(resumed)
    assert groups_of(resumed) == groups_of(whole)
    one, other = weights_of(whole, 4), weights_of(resumed, 4)
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


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
