"""`kill -9` of the trainer at random moments: no acknowledged group is lost, and the resumed run ends as if nothing
had happened, bit for bit."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from grpo_core.config import load_preset
from grpo_core.runs import RunFolder, start_run, summarise
from grpo_core.runs.control import resume_run
from grpo_core.runs.process import read_process_record

pytestmark = pytest.mark.training
KILLS = int(os.environ.get("GRPO_DASH_KILLS", "1"))
"""Kills of one run; `make soak` asks for more."""
STEPS = 6 + 2 * KILLS
SMALL = [f"max_steps={STEPS}", "save_steps=2", "prompts_per_step=4", "num_generations=4", "eval_problems=4"]


def test_killed_again_and_again_it_ends_the_same(tmp_path: Path) -> None:
    config = load_preset("demo", [*SMALL, "eval_steps=4"])
    whole = start_run(tmp_path / "whole", config)
    await_end(whole)
    dice = random.Random(7)
    killed = start_run(tmp_path / "killed", config)
    acknowledged: set[int] = set()
    for _ in range(KILLS):
        acknowledged |= kill_at_a_random_moment(killed, dice)
        if (summarise(killed).step or 0) >= STEPS:
            break
        resume_run(killed, "test")
    await_end(killed)
    assert acknowledged <= set(groups_of(killed))
    assert current_groups(killed) == current_groups(whole)
    one, other = (load_file(run.checkpoints / f"checkpoint-{STEPS}" / "model.safetensors") for run in (whole, killed))
    assert all(torch.equal(one[name], other[name]) for name in one)


def kill_at_a_random_moment(folder: RunFolder, dice: random.Random) -> set[int]:
    """Wait for some step, then a moment within it; returns the groups that could be read at that moment."""
    wanted = (latest_step(folder) or 0) + dice.randint(1, 3)
    moment = dice.random() * 0.3
    await_condition(folder, lambda: (latest_step(folder) or 0) >= min(wanted, STEPS - 1))
    time.sleep(moment)
    record = read_process_record(folder.process_file)
    assert record is not None
    assert record.trainer is not None
    seen = set(groups_of(folder))
    try:
        os.kill(record.trainer.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    await_condition(folder, lambda: summarise(folder).status in ("killed", "finished"))
    return seen


def latest_step(folder: RunFolder) -> int | None:
    reader = folder.reader()
    points = reader.metrics_since().get("reward")
    reader.close()
    return points[-1][0] if points else None


def groups_of(folder: RunFolder) -> list[int]:
    reader = folder.reader()
    found = [row.id for row in reader.group_rows(limit=100_000)]
    reader.close()
    return found


def current_groups(folder: RunFolder) -> list[tuple]:
    """What was sampled at each step, without what a resume superseded."""
    reader = folder.reader()
    rows = [row for row in reader.group_rows(limit=100_000, split="train") if not row.superseded]
    found = [(row.step, row.problem.id, row.rewards) for row in rows]
    reader.close()
    return found


def await_end(folder: RunFolder) -> None:
    await_condition(folder, lambda: summarise(folder).status in ("finished", "failed", "killed", "lost"))
    assert summarise(folder).status == "finished", folder.log.read_text()[-2000:]


def await_condition(folder: RunFolder, condition: object, seconds: float = 200) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, (summarise(folder), folder.log.read_text()[-2000:])
        time.sleep(0.02)
