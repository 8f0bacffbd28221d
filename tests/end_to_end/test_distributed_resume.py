"""A watched run of two processes goes on from its checkpoint as if nothing had happened, bit for bit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from grpo_core.paths import assets_dir
from grpo_core.runs import list_run_folders

pytestmark = [
    pytest.mark.training,
    pytest.mark.skipif("GRPO_DASH_KILLS" not in os.environ, reason="starts four trainers: `make soak` runs it"),
]
SCRIPT = Path(__file__).with_name("resumed_trl_script.py")
MODEL = assets_dir() / "models" / "habits-0.4m"


def test_a_run_of_two_processes_goes_on_exactly(tmp_path: Path) -> None:
    whole = launch(tmp_path / "whole")
    resumed = launch(tmp_path / "resumed", str(tmp_path / "whole" / "output" / "checkpoint-2"))
    assert [step for step, _ in whole] == [1, 1, 2, 2, 3, 3, 4, 4]
    assert resumed == whole[4:]
    one, other = (
        load_file(tmp_path / name / "output" / "checkpoint-4" / "model.safetensors") for name in ("whole", "resumed")
    )
    assert all(torch.equal(one[name], other[name]) for name in one)


def launch(folder: Path, *checkpoint: str) -> list[tuple]:
    """Train on two processes to the end; what was sampled at each step, as rank 0 stored it."""
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2"]
    done = subprocess.run(
        [*command, str(SCRIPT), str(MODEL), str(folder / "output"), *checkpoint],
        env={**os.environ, "GRPO_DASH_RUNS_DIR": str(folder / "runs"), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    (run,) = list_run_folders(folder / "runs")
    reader = run.reader()
    groups, facts = reader.groups(100), reader.facts()
    reader.close()
    assert facts["processes"] == 2
    found = sorted(groups, key=lambda group: group.id)
    return [(group.step, [(c.text, c.reward, c.advantage) for c in group.completions]) for group in found]
