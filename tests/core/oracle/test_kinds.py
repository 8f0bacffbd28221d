"""judge() over every kind of answer: right ones in other clothes, and wrong ones that look alike."""

from __future__ import annotations

from collections import defaultdict

import pytest

from grpo_core.oracle import judge
from tests.core.oracle.cases import Row, table

BY_KIND: dict[str, list[Row]] = defaultdict(list)
for row in table("oracle_kinds.jsonl"):
    BY_KIND[row["kind"]].append(row)


@pytest.mark.parametrize("kind", BY_KIND)
def test_right_answers_are_right_and_wrong_ones_wrong(kind: str) -> None:
    verdicts = [(row, judge(row["completion"], row["gold"], gold_format="raw")) for row in BY_KIND[kind]]
    mistaken = [
        (row["completion"], row["gold"], v.reason) for row, v in verdicts if (v.outcome == "correct") != row["correct"]
    ]
    assert mistaken == []
    assert [v.message for _, v in verdicts if v.outcome == "unscorable"] == []
