"""GSM8K and MATH as the hub lays them out, read by the hub's own client from its cache, without a network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from grpo_core.problems.benchmarks import SUBJECTS

REVISION = "0123456789abcdef0123456789abcdef01234567"
LOAD = """
import json, sys
from grpo_core.problems import load_problem_set
problems = load_problem_set(sys.argv[1])
print(json.dumps({
    "train": sorted({(p.prompt, p.gold, p.level, p.subject) for p in problems.train_problems(9, 0)}),
    "heldout": sorted({(p.prompt, p.gold, p.level, p.subject) for p in problems.heldout_problems(9)}),
    "splits": problems.splits,
}))
"""


def put_in_cache(home: Path, repository: str, file: str, rows: list[dict[str, str]]) -> None:
    """As `huggingface_hub` leaves a file behind: a reference to a revision, and the file in its snapshot."""
    folder = home / "hub" / f"datasets--{repository.replace('/', '--')}"
    path = folder / "snapshots" / REVISION / file
    path.parent.mkdir(parents=True, exist_ok=True)
    (folder / "refs").mkdir(exist_ok=True)
    (folder / "refs" / "main").write_text(REVISION)
    if path.suffix == ".parquet":
        pyarrow = pytest.importorskip("pyarrow", reason="pyarrow writes parquet files")
        pytest.importorskip("pyarrow.parquet").write_table(pyarrow.Table.from_pylist(rows), path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def loaded(home: Path, spec: str) -> dict[str, Any]:
    done = load(home, spec)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def load(home: Path, spec: str) -> subprocess.CompletedProcess[str]:
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "GRPO_DASH_"))}
    environment: Mapping[str, str] = {**outside, "HF_HOME": str(home), "HF_HUB_OFFLINE": "1"}
    return subprocess.run(
        [sys.executable, "-c", LOAD, spec], capture_output=True, text=True, check=False, env=dict(environment)
    )


def test_gsm8k(tmp_path: Path) -> None:
    for split in ("train", "test"):
        rows = [{"question": f"One of {split}?", "answer": "So <<1+1=2>>2.\n#### 2"}]
        put_in_cache(tmp_path, "openai/gsm8k", f"main/{split}-00000-of-00001.parquet", rows)
    found = loaded(tmp_path, "gsm8k")
    assert [row[:2] for row in found["train"]] == [["One of train?", "2"]]
    assert [row[:2] for row in found["heldout"]] == [["One of test?", "2"]]
    assert "test split is held out" in found["splits"]


def test_math_trains_on_seven_subjects_and_holds_out_math_500(tmp_path: Path) -> None:
    for subject in SUBJECTS:
        rows = [{"problem": f"Of {subject}?", "level": "Level 3", "type": subject, "solution": "It is $\\boxed{3}$."}]
        put_in_cache(tmp_path, "EleutherAI/hendrycks_math", f"{subject}/train-00000-of-00001.parquet", rows)
    row = {"problem": "Held?", "solution": "$\\boxed{4}$", "answer": "4", "subject": "Algebra", "level": "2"}
    put_in_cache(tmp_path, "HuggingFaceH4/MATH-500", "test.jsonl", [row])
    found = loaded(tmp_path, "math")
    assert {prompt for prompt, *_ in found["train"]} == {f"Of {subject}?" for subject in SUBJECTS}
    assert found["heldout"] == [["Held?", "4", "2", "Algebra"]]
    assert found["splits"] == "Trains on MATH's train split; MATH-500 is held out."


def test_what_is_not_in_the_cache_is_said_with_what_to_do(tmp_path: Path) -> None:
    done = load(tmp_path, "gsm8k")
    assert done.returncode == 1
    assert "Cannot fetch main/train-00000-of-00001.parquet of openai/gsm8k" in done.stderr
    assert "Name a local folder with path=FOLDER" in done.stderr
