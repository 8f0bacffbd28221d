"""Capture: everything a step made is stored, what the update found out is filled in, and training is left as it was."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from grpo_core.runs import RunFolder
from grpo_core.store import LiveFeedReader
from tests.core.engine.conftest import TrainRun

pytestmark = pytest.mark.training


def weights_of(folder: RunFolder, step: int = 2) -> dict[str, torch.Tensor]:
    return load_file(folder.checkpoints / f"checkpoint-{step}" / "model.safetensors")


def rewards_of(folder: RunFolder) -> list[tuple[float | None, ...]]:
    reader = folder.reader()
    rows = reader.group_rows(limit=1000, split="train")
    reader.close()
    return [row.rewards for row in rows]


def test_everything_of_a_step_is_stored(train_run: TrainRun) -> None:
    folder = train_run()
    reader = folder.reader()
    groups = reader.groups(100)
    metrics = reader.metrics_since()
    reader.close()
    assert [(group.step, group.split) for group in groups] == [(2, "train")] * 8 + [(1, "train")] * 8
    assert [group.id for group in groups] == list(range(16, 0, -1))
    for completion in (each for group in groups for each in group.completions):
        assert completion.text
        assert completion.verdict is not None
        assert completion.finish_reason in ("stop", "length")
        assert 0 < (completion.token_count or 0) <= 48
        assert completion.mean_logprob is not None
        assert completion.mean_logprob <= 0
        assert completion.entropy is not None
        assert completion.entropy >= 0
    for key in ("reward", "reward_std", "frac_reward_zero_std", "entropy", "step_time", "capture/seconds"):
        assert [step for step, _ in metrics[key]] == [1, 2]
    stored = [completion.reward for group in groups if group.step == 2 for completion in group.completions]
    assert metrics["reward"][-1][1] == pytest.approx(sum(stored) / len(stored))  # type: ignore[arg-type]


def test_the_mean_entropy_of_the_completions_is_trls(train_run: TrainRun) -> None:
    reader = train_run(max_steps=1).reader()
    completions = [completion for group in reader.groups(100) for completion in group.completions]
    (_, logged), *_ = reader.metrics_since()["entropy"]
    reader.close()
    tokens = sum(completion.token_count or 0 for completion in completions)
    mean = math.fsum((completion.entropy or 0) * (completion.token_count or 0) for completion in completions) / tokens
    assert mean == pytest.approx(logged, rel=1e-4)


def test_the_live_feed_holds_what_was_sampled(train_run: TrainRun) -> None:
    folder = train_run(max_steps=1)
    batch = LiveFeedReader(folder.path).poll()
    reader = folder.reader()
    texts = [tuple(c.text for c in group.completions) for group in reversed(reader.groups(100))]
    reader.close()
    assert batch is not None
    assert (batch.step, batch.phase) == (1, "idle")
    assert list(batch.streams) == texts
    ended = [[c.finish_reason == "stop" for c in group.completions] for group in reversed(folder.reader().groups(100))]
    assert [list(each) for each in batch.ended] == ended


def test_an_evaluation_leaves_the_training_as_it_was(train_run: TrainRun) -> None:
    without = train_run(eval_steps=0, seed=5)
    with_evaluations = train_run(eval_steps=1, eval_problems=4, seed=5)
    assert rewards_of(without) == rewards_of(with_evaluations)
    one, other = weights_of(without), weights_of(with_evaluations)
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_evaluations_are_stored_with_their_completions(train_run: TrainRun) -> None:
    folder = train_run(eval_steps=1, eval_problems=5, eval_generations=3)
    reader = folder.reader()
    evaluations = reader.evaluations_since()
    groups = [group for group in reader.groups(1000) if group.split == "eval" and group.step == 2]
    reader.close()
    assert [(each.step, each.n, each.k) for each in evaluations] == [(0, 5, 3), (1, 5, 3), (2, 5, 3)]
    assert sorted(len(group.completions) for group in groups) == [1] * 5 + [3] * 5
    right = [completion.reward for group in groups if group.decoding == "sampled" for completion in group.completions]
    assert evaluations[-1].pass_at_1 == pytest.approx(sum(right) / 15)  # type: ignore[arg-type]


def test_lora_trains_the_adapter_only(train_run: TrainRun) -> None:
    folder = train_run(lora_r=4, max_steps=1)
    reader = folder.reader()
    facts = reader.facts()
    reader.close()
    assert 0 < facts["trained_parameters"] < facts["parameters"] / 2
    assert (folder.checkpoints / "checkpoint-1" / "adapter_model.safetensors").is_file()


def test_a_checkpoint_is_whole_and_holds_no_pickled_arguments(train_run: TrainRun) -> None:
    checkpoint = train_run(max_steps=1).checkpoints / "checkpoint-1"
    assert (checkpoint / "manifest.json").is_file()
    assert not (checkpoint / "training_args.bin").exists()


def test_old_checkpoints_go(train_run: TrainRun) -> None:
    folder = train_run(max_steps=4, save_steps=1, save_total_limit=2)
    assert {path.name for path in folder.checkpoints.iterdir() if path.is_dir()} == {"checkpoint-3", "checkpoint-4"}


def test_problems_and_their_order_follow_the_seed(train_run: TrainRun) -> None:
    def prompts(folder: RunFolder) -> list[str]:
        reader = folder.reader()
        found = [row.problem.prompt for row in reader.group_rows(limit=100)]
        reader.close()
        return found

    one, same, other = (prompts(train_run(max_steps=1, seed=seed)) for seed in (1, 1, 2))
    assert one == same != other


def test_a_users_own_problems(train_run: TrainRun, tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    rows = [f'{{"prompt": "Compute ({a}+2)*3-1.", "gold": "{(a + 2) * 3 - 1}"}}' for a in range(1, 60)]
    path.write_text("\n".join(rows))
    reader = train_run(max_steps=1, problems=str(path)).reader()
    assert all(row.problem.prompt.startswith("Compute (") for row in reader.group_rows())
    reader.close()
