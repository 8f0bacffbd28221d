"""Partial credit: the table, the positional formula, and what gaming earns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grpo_core.oracle.alignment import shares
from grpo_core.oracle.steps import credit_steps
from tests.core.oracle.cases import Row, shared, table

ROWS = table("oracle_steps.jsonl")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_steps_are_as_tabled(row: Row) -> None:
    credits = credit_steps(row["completion"], row["steps"])
    assert [credit.status for credit in credits] == row["statuses"]
    assert sum(credit.credit for credit in credits) == row["partial"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_the_positional_formula(row: Row) -> None:
    credits = credit_steps(row["completion"], row["steps"], alignment="position")
    assert sum(credit.credit for credit in credits) == row["position"]


@given(st.fractions(0, 1).map(float), st.integers(1, 40))
def test_shares_add_up_exactly(total: float, count: int) -> None:
    assert sum(shares(total, count)) == total


def test_spraying_operations_earns_little() -> None:
    steps = ["12+7=19", "19*3=57", "57-5=52"]
    numbers = (3, 5, 7, 12, 19, 57)
    sprayed = "\n".join(f"{a}{op}{b}={a + b if op == '+' else a * b}" for a in numbers for b in numbers for op in "+*")
    assert sum(credit.credit for credit in credit_steps(sprayed, steps)) < 0.1
    assert sum(credit.credit for credit in credit_steps("\n".join(steps), steps)) == 1


def test_reference_solutions_earn_everything() -> None:
    """GSM8K's own solutions, credited against their own annotations."""
    earned = []
    for row in shared("gsm8k/test.jsonl")[:300]:
        steps = [step.text for step in credit_steps(row["answer"], ())]
        earned.append(sum(credit.credit for credit in credit_steps(row["answer"], steps)) if steps else 1.0)
    assert sum(earned) / len(earned) > 0.97
