"""A run of real steps through the command line, read back through the command line, for both objectives."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grpo_core.objective import grpo_advantages, rank_weights
from grpo_core.paths import assets_dir

pytestmark = pytest.mark.training
SMALL = ["max_steps=3", "prompts_per_step=4", "num_generations=4", "eval_problems=8", "eval_steps=3", "threads=1"]
OUTCOMES = {"correct", "wrong", "no_answer", "unparsable", "timeout", "unscorable"}


def grpo_dash(runs_dir: Path, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "grpo_app.cli", *arguments],
        env={**os.environ, "GRPO_DASH_RUNS_DIR": str(runs_dir)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == code, done.stderr[-3000:]
    return done


def train(runs_dir: Path, preset: str, *settings: str) -> str:
    sets = [argument for setting in [*SMALL, *settings] for argument in ("--set", setting)]
    return grpo_dash(runs_dir, "train", "--preset", preset, "--wait", *sets).stdout.strip()


def show(runs_dir: Path, reference: str) -> dict:
    return json.loads(grpo_dash(runs_dir, "show", reference, "--json", "--groups", "100").stdout)


@pytest.mark.parametrize("preset", ["demo", "demo-rank"])
def test_a_run_is_trained_and_shown(tmp_path: Path, preset: str) -> None:
    run_id = train(tmp_path, preset)
    found = show(tmp_path, run_id)
    assert found["schema"] == 1
    run = found["run"]
    assert (run["status"], run["step"], run["max_steps"], run["exit"]) == (
        "finished",
        3,
        3,
        {"code": 0, "signal": None},
    )
    assert found["pids"] == {"supervisor": None, "trainer": None}
    assert [point[0] for point in found["metrics"]["reward"]] == [1, 2, 3]
    assert [each["step"] for each in found["evals"]] == [0, 3]
    assert found["checkpoints"][0]["step"] == 3
    assert found["checkpoints"][0]["complete"] is True
    training = [group for group in found["groups"] if group["split"] == "train"]
    assert len(training) == 12
    for group in training:
        _assert_group(group, preset)

    listed = json.loads(grpo_dash(tmp_path, "runs", "--json").stdout)
    assert [each["id"] for each in listed["runs"]] == [run_id]

    one = show(tmp_path, f"{run_id}/group/{training[0]['id']}")
    assert one["groups"] == [training[0]]


def _assert_group(group: dict, preset: str) -> None:
    rewards = [completion["reward"] for completion in group["completions"]]
    expected = grpo_advantages(rewards) if preset == "demo" else rank_weights(rewards)
    assert [completion["advantage"] for completion in group["completions"]] == pytest.approx(expected, abs=1e-5)
    for completion in group["completions"]:
        verdict = completion["verdict"]
        assert verdict["outcome"] in OUTCOMES
        assert completion["reward"] == (1.0 if verdict["outcome"] == "correct" else 0.0)
        if verdict["span"]:
            start, end = verdict["span"]
            assert 0 <= start < end <= len(completion["text"])
        assert completion["mean_logprob"] is not None


def test_a_run_that_cannot_start_says_why_and_makes_nothing(tmp_path: Path) -> None:
    done = grpo_dash(tmp_path, "train", "--preset", "demo", "--set", "model=/no/such/model", code=2)
    assert "There is no model at /no/such/model" in done.stderr
    assert done.stdout == ""


def test_a_run_that_fails_keeps_its_log(tmp_path: Path) -> None:
    model = tmp_path / "broken"
    shutil.copytree(assets_dir() / "models" / "habits-0.4m", model)
    (model / "model.safetensors").write_bytes(b"cut off")
    sets = ["--set", f"model={model}", "--set", "max_steps=1"]
    run_id = grpo_dash(tmp_path / "runs", "train", "--preset", "demo", *sets, "--wait", code=1).stdout.strip()
    assert "cannot be loaded" in (tmp_path / "runs" / run_id / "log.txt").read_text()
    assert show(tmp_path / "runs", run_id)["run"]["status"] == "failed"


def test_a_stopped_run_keeps_its_last_checkpoint(tmp_path: Path) -> None:
    sets = [a for s in [*SMALL, "max_steps=100000", "eval_steps=0"] for a in ("--set", s)]
    run_id = grpo_dash(tmp_path, "train", "--preset", "demo", *sets).stdout.strip()
    grpo_dash(tmp_path, "stop", run_id)
    waited = subprocess.run(
        [sys.executable, "-c", WAIT, str(tmp_path), run_id], capture_output=True, text=True, timeout=240
    )
    assert waited.stdout.strip() == "finished", waited.stderr
    found = show(tmp_path, run_id)
    assert found["checkpoints"][0]["complete"]
    assert found["checkpoints"][0]["step"] == found["run"]["step"] >= 1


WAIT = """
import sys, time
from pathlib import Path
from grpo_core.runs import find_run, summarise
from grpo_core.runs.status import ENDED
folder = find_run(Path(sys.argv[1]), sys.argv[2])
while (status := summarise(folder).status) not in ENDED:
    time.sleep(0.05)
print(status)
"""
