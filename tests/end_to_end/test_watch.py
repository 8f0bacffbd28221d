"""`watch(trainer)` in somebody's plain TRL script: two lines, and the run is on the screens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from grpo_core.objective import grpo_advantages
from grpo_core.paths import assets_dir
from grpo_core.runs import list_run_folders, summarise

pytestmark = pytest.mark.training
SCRIPT = Path(__file__).with_name("plain_trl_script.py")
MODEL = assets_dir() / "models" / "habits-0.4m"


def run_script(runs_dir: Path, output: Path, *more: str) -> list[float]:
    """Run the script to its end; the rewards that it printed last."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(MODEL), str(output), *more],
        env={**os.environ, "GRPO_DASH_RUNS_DIR": str(runs_dir)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_a_plain_script_is_watched_and_trains_as_before(tmp_path: Path) -> None:
    runs_dir = tmp_path / "runs"
    watched = run_script(runs_dir, tmp_path / "watched")
    alone = run_script(tmp_path / "no runs", tmp_path / "alone", "--unwatched")
    assert watched == alone

    (folder,) = list_run_folders(runs_dir)
    summary = summarise(folder)
    assert (summary.name, summary.status, summary.step, summary.groups) == ("theirs", "finished", 3, 6)
    reader = folder.reader()
    groups, metrics = reader.groups(10), reader.metrics_since()
    reader.close()
    assert [step for step, _ in metrics["reward"]] == [1, 2, 3]
    assert [value for _, value in metrics["reward"]] == pytest.approx(watched)
    for group in groups:
        assert group.problem.prompt.startswith("Compute (")
        assert group.problem.source == "dataset"
        entered = [completion.advantage for completion in group.completions]
        assert entered == pytest.approx(grpo_advantages([c.reward for c in group.completions]), abs=1e-5)
        for completion in group.completions:
            assert set(completion.rewards) == {"shorter_is_better", "has_a_box"}
            assert completion.verdict is not None
            assert completion.verdict.outcome in ("correct", "wrong", "no_answer")
            assert completion.mean_logprob is not None


def test_two_processes_make_one_run_with_all_of_their_completions(tmp_path: Path) -> None:
    launch = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2"]
    done = subprocess.run(
        [*launch, str(SCRIPT.with_name("distributed_trl_script.py")), str(MODEL), str(tmp_path / "output")],
        env={**os.environ, "GRPO_DASH_RUNS_DIR": str(tmp_path / "runs"), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]

    (folder,) = list_run_folders(tmp_path / "runs")
    assert summarise(folder).status == "finished"
    reader = folder.reader()
    groups, facts = reader.groups(100), reader.facts()
    reader.close()
    assert facts["processes"] == 2
    trained = [group for group in groups if group.split == "train"]
    evaluated = [group for group in groups if group.split == "eval"]
    assert [(group.step, len(group.completions)) for group in trained] == [(1, 4)] * 4
    assert [(group.step, len(group.completions)) for group in evaluated] == [(3, 2)] * 4 + [(2, 2)] * 4
    assert len({group.problem.prompt for group in trained}) == 4
    for group in trained:
        assert all(completion.mean_logprob is not None for completion in group.completions)
        entered = [completion.advantage for completion in group.completions]
        assert entered == pytest.approx(grpo_advantages([c.reward for c in group.completions]), abs=1e-4)
