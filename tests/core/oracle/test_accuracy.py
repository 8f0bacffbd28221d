"""Accuracy on the project's verdict files, where they are present. Floors, not targets."""

from __future__ import annotations

import pytest

from grpo_core.oracle import JudgePool, JudgeTask
from tests.core.oracle.cases import Row, shared

FLOORS = {
    "gsm8k_openai_completions": 0.9995,
    "math_reference_solutions": 0.999,
    "math_mutated_gold": 1.0,
    "grader_pair_tests": 1.0,
    "mathverify_issues": 1.0,
    "lighteval_tests": 0.98,
    "mathverify_tests": 0.95,
}
SAFE = {
    "wrong_or_unparseable_or_timeout_within_deadline": {"wrong", "unparsable", "timeout", "no_answer"},
    "wrong": {"wrong"},
}


@pytest.mark.parametrize("name", FLOORS)
def test_accuracy(name: str) -> None:
    rows = [row for row in shared(f"verdicts/{name}.jsonl") if not row["meta"].get("dubious")]
    tasks = [JudgeTask(row["completion"], row["gold"], (), row["meta"]["gold_format"]) for row in rows]
    with JudgePool(workers=1) as pool:
        verdicts = pool.judge_many(tasks)
    right = sum((v.outcome == "correct") == row["expected"] for row, v in zip(rows, verdicts, strict=True))
    assert right / len(rows) >= FLOORS[name]


def test_hostile_inputs_end_safely(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = shared("verdicts/hostile.jsonl")
    monkeypatch.chdir(str(tmp_path))
    with JudgePool(workers=1) as pool:
        verdicts = pool.judge_many(JudgeTask(row["completion"], row["gold"]) for row in rows)
    unsafe = [_complaint(row, v.outcome) for row, v in zip(rows, verdicts, strict=True) if _complaint(row, v.outcome)]
    assert unsafe == []
    assert [v for v in verdicts if v.reason == "JUDGE_FAILED"] == []


def _complaint(row: Row, outcome: str) -> str:
    allowed = SAFE.get(row["safe_expected"])
    return f"{row['id']}: {outcome}" if allowed is not None and outcome not in allowed else ""
