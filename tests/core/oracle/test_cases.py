"""`grpo-dash verify`: verdicts in the input's order, input errors as one sentence, and the explanation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grpo_core.errors import GrpoDashError
from grpo_core.oracle.cases import explain_case, verify_cases

LINES = [
    {"id": "b", "gold": "42", "completion": "\\boxed{42}"},
    {"id": "a", "gold": "Thus $\\boxed{7}$.", "completion": "\\boxed{8}", "meta": {"gold_format": "text"}},
    {"id": "c", "gold": "C", "completion": "\ud800 nothing", "gold_format": "raw"},
]


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in LINES) + "\n\n", encoding="utf-8")
    return path


def test_verdicts_are_written_in_order(cases: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    count = verify_cases(cases, tmp_path / "out.jsonl", 1, lambda done, total: seen.append((done, total)))
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert count == 3
    assert [row["id"] for row in rows] == ["b", "a", "c"]
    assert [row["outcome"] for row in rows] == ["correct", "wrong", "no_answer"]
    assert all(set(row) == {"id", "outcome", "extracted", "check", "reason", "seconds"} for row in rows)
    assert seen == [(3, 3)]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "Line 2 .* not JSON"),
        ("[1]", "Line 2 .* not a JSON object"),
        ('{"id": "x", "gold": "1"}', "Line 2 .* no text under 'completion'"),
        ('{"id": "x", "gold": "1", "completion": "1", "gold_format": "latex"}', "Line 2 .* use auto, raw or text"),
    ],
)
def test_a_bad_line_is_named(line: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"id": "ok", "gold": "1", "completion": "1"}\n' + line)
    with pytest.raises(GrpoDashError, match=said):
        verify_cases(path, tmp_path / "out.jsonl", 1)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(GrpoDashError, match="Cannot read the cases"):
        verify_cases(tmp_path / "none.jsonl", tmp_path / "out.jsonl", 1)


def test_an_explanation_tells_the_way(cases: Path) -> None:
    text = explain_case(cases, "a")
    for part in ("wrong", "boxed", "⟦8⟧", "rational", "DIFFERENT_VALUE", "gold is 7"):
        assert part in text
    with pytest.raises(GrpoDashError, match="no-such"):
        explain_case(cases, "no-such")
