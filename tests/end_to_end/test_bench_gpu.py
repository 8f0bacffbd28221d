"""The benchmark for a GPU in its dry form: everything it does but the size, on whatever this machine has."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.training
def test_what_runs_is_measured_and_what_does_not_says_why(tmp_path: Path) -> None:
    out = tmp_path / "found.json"
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "bench_gpu.py"), "--dry", "--out", str(out)],
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    report = json.loads(out.read_text())
    cells = {(cell["way"], cell["tokens"]): cell for cell in report["cells"]}
    plain = cells[("trl", 8)]
    assert plain["said"] == ""
    assert plain["figures"]["phase/update"] > 0
    assert plain["figures"]["peak_gib"] > 0
    assert 0 < plain["figures"]["capture_share"] < 1
    assert plain["estimated_gib"] > 0
    assert all(cell["figures"] or cell["said"].startswith("not run: ") for cell in report["cells"])
    assert {cell["way"] for cell in report["cells"]} == {"trl", "unsloth", "trl + vLLM", "unsloth + vLLM"}
    assert report["learning"][0]["steps"] == 2
    assert "| dry | trl | 8 |" in done.stdout
