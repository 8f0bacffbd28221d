"""docs/oracle.md says what the code does: its examples run, its tables name every rule, check, budget and reason."""

from __future__ import annotations

import re

import pytest

from grpo_core.oracle import limits, reasons
from grpo_core.oracle.compare import CHECKS
from tests.core.oracle.cases import ROOT

TEXT = (ROOT / "docs" / "oracle.md").read_text(encoding="utf-8")
CODES_IN_SOURCE = re.compile(
    r'"((?:SAME|DIFFERENT|BUDGET|NOT|PROVED|ROUNDED|ANSWER|GOLD|NO|JUDGE|MEMBER|DEADLINE|POOL)_?[A-Z_]*)"'
)
LIMITS = ("MAX_ANSWER", "MAX_TOKENS", "MAX_DEPTH", "MAX_DIGITS", "MAX_BITS", "MAX_TERMS", "MAX_SUM_TERMS", "MAX_ITEMS")


@pytest.mark.parametrize("example", re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL))
def test_examples_run(example: str) -> None:
    exec(example, {})  # noqa: S102 - our own documentation


def test_every_reason_is_in_the_table() -> None:
    for code, said in reasons.codes().items():
        assert f"| `{code}` | {said} |" in TEXT


def test_every_code_in_the_source_is_a_known_reason() -> None:
    for path in (ROOT / "core" / "grpo_core" / "oracle").glob("*.py"):
        assert set(CODES_IN_SOURCE.findall(path.read_text(encoding="utf-8"))) <= reasons.codes().keys(), path


def test_every_rule_and_check_is_described() -> None:
    for name in (*reasons.RULES, *CHECKS):
        assert f"| `{name}` |" in TEXT


@pytest.mark.parametrize("name", LIMITS)
def test_every_budget_is_the_real_one(name: str) -> None:
    assert f"| {getattr(limits, name):,} |" in TEXT
