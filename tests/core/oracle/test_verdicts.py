"""judge(): the table of verdicts, what every verdict promises, and texts that were written to break it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grpo_core.oracle import judge
from grpo_core.types import OUTCOMES, Verdict
from tests.core.oracle.cases import Row, table

ROWS = table("oracle_verdicts.jsonl")
MARKS = ["\\boxed{", "}", "$", "\\(", "\\)", "####", "\\frac", "^", "_", "(", ")", "[", "\\{", "answer is ", "A:", "<<"]
MARKS += ["**", "=", "<", ",", ".", "!", "%", "x", "sin ", "\\sqrt", "\\begin{pmatrix}", "\\end{pmatrix}", "&", "\\\\"]
MARKS += ["\\pm ", "\\cup ", "and ", "12", "3.5", "1,000", "\ud800", "\n", " ", "\\text{", "d/dx ", "|", "'", "\\int"]
EXHAUSTING = [
    *("\\boxed{" * 20_000, "." * 100_000 + "x", "$" * 50_000, "{" * 50_000, "1+" * 50_000, "<<" * 50_000),
    *("1 = " * 40_000, "\\frac" * 300, "-" * 1_900 + "1", "5" + "!" * 1_500, "1" * 1_000_000, "\n" * 1_000_000),
    *("\\boxed{" + "x^" * 900 + "x}", "\\boxed{" + "sin " * 400 + "x}", "a" * 1_000_000, "**" * 100_000),
    *("a:" * 100_000, "answer (" * 30_000, "final " * 40_000, "#" * 200_000, "A: 1\n" * 50_000, "a\n" * 100_000),
    "\\boxed{" + "(1+\\sqrt2+\\sqrt3+\\sqrt5+\\sqrt7)^{200}" * 20 + "}",
    "(as $1$) " * 20_000,
    "\\boxed{" + ",".join(f"x^x+{n}" for n in range(90)) + "}",
]
mathematical_texts = st.lists(st.sampled_from(MARKS) | st.text(max_size=3), max_size=30).map("".join)
anything = st.text(st.characters(), max_size=80) | mathematical_texts


@pytest.mark.parametrize("row", ROWS, ids=[f"{r['completion'][-30:]} ~ {r['gold']}" for r in ROWS])
def test_verdict_is_as_tabled(row: Row) -> None:
    verdict = judge(row["completion"], row["gold"], gold_format="raw")
    expected = {key: row[key] for key in ("outcome", "check", "rule", "reason", "extracted") if key in row}
    assert {key: getattr(verdict, key) for key in expected} == expected


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["completion"][-30:])
def test_every_verdict_explains_itself(row: Row) -> None:
    holds_its_promises(row["completion"], judge(row["completion"], row["gold"]))


@settings(max_examples=300, deadline=None)
@given(anything, anything)
def test_never_raises_and_never_fails_inside(completion: str, gold: str) -> None:
    verdict = judge(completion, gold, (gold, completion))
    holds_its_promises(completion, verdict)
    assert verdict.reason != "JUDGE_FAILED", verdict.message


@settings(max_examples=100, deadline=None)
@given(anything)
def test_the_same_text_gets_the_same_verdict(text: str) -> None:
    first, second = (judge(text, "7", ("3+4=7",)).to_json() for _ in range(2))
    assert {**first, "seconds": 0} == {**second, "seconds": 0}


@pytest.mark.parametrize("text", EXHAUSTING, ids=lambda text: text[:12])
def test_texts_made_to_exhaust_end_with_a_verdict(text: str) -> None:
    for gold in ("1", text[:1_900]):
        holds_its_promises(text, judge(text, gold))


def holds_its_promises(completion: str, verdict: Verdict) -> None:
    assert verdict.outcome in OUTCOMES
    assert verdict.reason == verdict.reason.upper() != ""
    assert verdict.message
    assert "\n" not in verdict.message
    if verdict.span is not None:
        assert completion[slice(*verdict.span)] == verdict.extracted
    if verdict.outcome in {"correct", "wrong"}:
        assert verdict.check is not None
    for step in verdict.steps:
        assert completion[slice(*step.span)] == step.text
    assert 0 <= verdict.partial <= 1
