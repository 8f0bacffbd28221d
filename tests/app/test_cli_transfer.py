"""`grpo-dash import`, `export` and `prune`, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grpo_app.cli import main
from grpo_core.oracle.cases import read_cases
from grpo_core.runs import find_run, list_run_folders
from grpo_core.store import GroupFilter, MarksDb
from tests.samples import write_sample_run


@pytest.fixture
def runs_dir(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def test_rollouts_are_imported_and_judged(runs_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        {"input": "1+1", "output": f"\\boxed{{{answer}}}", "gts": "2", "score": 0.0, "step": 1} for answer in (2, 3)
    ]
    (tmp_path / "1.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert main(["import", str(tmp_path / "1.jsonl"), "--name", "theirs", "--runs-dir", str(runs_dir)]) == 0
    reader = find_run(runs_dir, capsys.readouterr().out.strip()).reader()
    assert [row.outcomes for row in reader.find_groups(GroupFilter()).rows] == [("correct", "wrong")]
    reader.close()


def test_a_run_goes_out_and_in(runs_dir: Path, tmp_path: Path) -> None:
    folder = write_sample_run(runs_dir)
    for name in ("run.jsonl", "run.parquet"):
        out = tmp_path / name
        assert main(["export", folder.id, "--out", str(out), "--runs-dir", str(runs_dir)]) == 0
        assert main(["import", str(out), "--no-judge", "--runs-dir", str(runs_dir)]) == 0
    assert len(list_run_folders(runs_dir)) == 3
    assert main(["export", folder.id, "--out", "run.txt", "--runs-dir", str(runs_dir)]) == 2


def test_marks_go_out_as_cases(runs_dir: Path, tmp_path: Path) -> None:
    folder = write_sample_run(runs_dir)
    with MarksDb(folder.path) as marks:
        marks.set(1, 0, "verifier_wrong", "look")
    out = tmp_path / "cases.jsonl"
    assert main(["export", folder.id, "--marks", "--out", str(out), "--runs-dir", str(runs_dir)]) == 0
    assert [case.id for case in read_cases(out)] == [f"{folder.id}/group/1/k/0"]


def test_pruning_says_before_it_does(runs_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_sample_run(runs_dir)
    asked = ["prune", folder.id, "--runs-dir", str(runs_dir)]
    assert main(asked) == 0
    said = capsys.readouterr()
    assert folder.id in said.out
    assert "nothing was deleted" in said.err
    assert folder.path.is_dir()
    assert main([*asked, "--yes"]) == 0
    assert "Freed" in capsys.readouterr().err
    assert not folder.path.exists()


def test_pruning_everything_has_to_be_meant(runs_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_sample_run(runs_dir)
    assert main(["prune", "--yes", "--runs-dir", str(runs_dir)]) == 2
    assert "--older-than" in capsys.readouterr().err
    assert len(list_run_folders(runs_dir)) == 1
