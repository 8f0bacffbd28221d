"""Paths that were typed in one folder mean the same in another."""

from __future__ import annotations

from pathlib import Path

import pytest

from grpo_core.config import RunConfig
from grpo_core.runs.portable import with_absolute_paths


@pytest.mark.parametrize(
    ("spec", "full"),
    [
        ("data/x.jsonl", "{here}/data/x.jsonl"),
        ("x.parquet:prompt=q,gold=a", "{here}/x.parquet:prompt=q,gold=a"),
        ("x.jsonl:all", "{here}/x.jsonl:all"),
        ("gsm8k:path=data", "gsm8k:path={here}/data"),
        ("math:test,path=data,level=3", "math:test,path={here}/data,level=3"),
        ("gsm8k:path=/data", "gsm8k:path=/data"),
        ("generated:chain", "generated:chain"),
        ("", ""),
    ],
)
def test_specs(spec: str, full: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = with_absolute_paths(RunConfig(problems=spec or "generated", eval_dataset=spec))
    assert found.eval_dataset == full.format(here=tmp_path)
    assert found.problems == (full.format(here=tmp_path) or "generated")
    assert with_absolute_paths(found) == found


def test_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models" / "mine").mkdir(parents=True)
    names = {"models/mine": str(tmp_path / "models/mine"), "org/name": "org/name", "embedded": "embedded"}
    assert {name: with_absolute_paths(RunConfig(model=name)).model for name in names} == names
