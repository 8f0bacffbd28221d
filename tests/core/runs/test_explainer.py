"""Asking the oracle from a process that holds none: it answers, comes back when killed, and is gone when closed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from grpo_core.oracle import explain
from grpo_core.runs.explainer import Explainer, ExplainError


@pytest.fixture
def explainer() -> Iterator[Explainer]:
    made = Explainer()
    yield made
    made.close()


def test_it_says_what_the_oracle_says(explainer: Explainer) -> None:
    told = explain("so \\boxed{\\frac{3}{4}}", "0.75")
    judged = explainer.judge("so \\boxed{\\frac{3}{4}}", "0.75")
    assert judged["sentence"] == told.sentence
    assert told.answer is not None
    assert judged["answer"] == told.answer.to_json()
    assert explainer.explain(judged["verdict"], "0.75") == judged


def test_any_text_is_answered(explainer: Explainer) -> None:
    assert explainer.judge("\ud800 \x1b \\boxed{", "\ud800")["verdict"]["outcome"]


def test_it_comes_back_when_it_was_killed(explainer: Explainer) -> None:
    explainer.judge("1", "1")
    assert explainer._process is not None
    explainer._process.kill()
    explainer._process.wait()
    assert explainer.judge("\\boxed{2}", "2")["verdict"]["outcome"] == "correct"


def test_it_is_given_up_on_after_its_deadline() -> None:
    hasty = Explainer(deadline=0.0)
    with pytest.raises(ExplainError, match="within 0 seconds"):
        hasty.judge("1", "1")
    hasty.close()
    with pytest.raises(ExplainError):
        hasty.judge("1", "1")


def test_it_brings_neither_sympy_nor_torch_into_the_asker() -> None:
    names = ("sympy", "torch", "grpo_core.oracle")
    code = f"import sys, grpo_core.runs.explainer; print([name for name in {names} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
