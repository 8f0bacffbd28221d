"""Inputs that hang, exhaust memory or run code in naive graders, made by Hypothesis: each ends within its budget.

Hundreds here; `GRPO_DASH_HOSTILE=10000` for the long form.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grpo_core.oracle import JudgePool, JudgeTask
from grpo_core.oracle.grammar import parse
from grpo_core.types import OUTCOMES

EXAMPLES = int(os.environ.get("GRPO_DASH_HOSTILE") or 300)
DEADLINE = 2.0
SLACK = 0.5
MEMORY = 512 * 1024 * 1024
ATOMS = [
    "x",
    "9",
    "2",
    "10^{9}",
    "99999999",
    "0.1",
    "i",
    "e",
    "\\pi",
    "n",
    "\\infty",
    "1/0",
    "0^0",
    "10^{-400}",
    "oo",
    "x_1",
]
CODE = [
    "__import__('os').system('touch owned')",
    "().__class__",
    "exec('1')",
    "lambda: 0",
    "{{7*7}}",
    "\\input{/etc/passwd}",
]
WRAPS = [
    *("{}^{{{}}}", "\\frac{{{}}}{{{}}}", "({}+{})^{{200}}", "\\binom{{{}}}{{{}}}", "{}!+{}", "\\sqrt[{}]{{{}}}"),
    *("\\sin({})^{{{}}}", "\\ln({}+{})", "\\sum_{{k=1}}^{{{}}} {}^k", "\\prod_{{n=1}}^{{{}}} ({}+n)", "{}\\cdot {}"),
    *("\\int_0^{{{}}} {}^x dx", "\\lim_{{x\\to {}}} {}", "\\begin{{pmatrix}}{}&{}\\\\1&2\\end{{pmatrix}}^{{99}}"),
    *("({},{})", "\\{{{},{}\\}}", "[{},{})\\cup[1,2]", "{}={}", "{}\\le {}", "\\boxed{{{}}}{}", "{}!!{}", "|{}|{}"),
    *(
        "{}_{{{}}}",
        "\\exp({}^{})",
        "\\gcd({},{})",
        "\\arcsin({}/{})",
        "{}\\pm {}",
        "{} \\pmod{{{}}}",
        "{} hours {} minutes",
    ),
]


def wrapped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(st.sampled_from(WRAPS), inner, inner).map(lambda t: t[0].format(t[1], t[2])[:4_000])


numerals = st.integers(1, 900).map(lambda n: "9" * n)
repeated = st.tuples(
    st.sampled_from(["(", "{", "-", "\\frac", "\\sqrt", "!", "^2", "1+", "x^", "[", "|", "$", "<<"]),
    st.integers(1, 3_000),
)
nests = repeated.map(lambda t: t[0] * t[1])
hostile = st.recursive(st.sampled_from(ATOMS) | st.sampled_from(CODE) | numerals, wrapped, max_leaves=12) | nests


@pytest.fixture(scope="module")
def pool() -> Iterator[JudgePool]:
    with JudgePool(workers=1, deadline=60) as pool:
        pool.prove(parse("f(x)"), parse("f(x)+0"))  # the first worker's start is not the input's cost
        pool.deadline = DEADLINE
        yield pool


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(completion=hostile, gold=hostile)
def test_each_ends_within_its_budget(completion: str, gold: str, pool: JudgePool) -> None:
    before = {entry.name for entry in Path.cwd().iterdir()}
    for task in (
        JudgeTask(f"\\boxed{{{completion}}}", gold, (), "raw"),
        JudgeTask(completion, "7", (completion,), "raw"),
    ):
        start = time.process_time(), time.monotonic()
        verdict = pool.judge(task)
        # The processor's time in this process, and the clock's where a worker was waited for.
        assert time.process_time() - start[0] < DEADLINE + SLACK
        assert verdict.outcome in OUTCOMES
        assert verdict.reason != "JUDGE_FAILED", verdict.message
    assert {entry.name for entry in Path.cwd().iterdir()} - before <= {"__pycache__", ".hypothesis"}
    assert all(memory_of(pid) <= MEMORY for pid in pool.pids)


def memory_of(pid: int) -> int:
    """Bytes of memory that a process holds; 0 where the system does not tell, or it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (FileNotFoundError, ProcessLookupError):
        return 0
