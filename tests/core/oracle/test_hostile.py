"""Inputs that hang, exhaust memory or run code in naive graders, made by Hypothesis: each ends within its budget.

Hundreds here; `GRPO_DASH_HOSTILE=10000` for the long form.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from grpo_core.oracle import JudgePool, JudgeTask
from grpo_core.oracle.grammar import parse
from grpo_core.types import OUTCOMES

EXAMPLES = int(os.environ.get("GRPO_DASH_HOSTILE") or 300)
DEADLINE = 2.0
SLACK = 0.5
UNREACHED = "\\frac{15485863}{32452843}"
"""A value that nothing here has."""
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
CHARACTERS = [
    *(
        "٤٢",
        "４２",
        "४२",
        "𝟒𝟐",
        "²³",
        "①",
        "Ⅷ",
        "½½",
        "7\u0338",
        "4\u20e3",
        "\u202e24\u202c",
        "\u200b7",
        "\u200f7",
        "\ufeff7",
    ),
    *(
        "\x00",
        "7\x00",
        "\ud800",
        "\udfff7",
        "\x1b[31m7",
        "7\r8",
        "\u2028",
        "ﬁ",
        "ß",
        "İ",
        "ǆ",
        "⅐",
        "％",
        "７／８",
        "−7",
        "∑",
        "∫",
    ),
    *(
        "\\def\\x{\\x\\x}\\x",
        "\\newcommand{\\a}{\\a}\\a",
        "\\let\\a=\\b",
        "\\csname a\\endcsname",
        "\\expandafter\\x",
        "%comment\n7",
    ),
]
BOMBS = [
    "(a+b+c+d)^{60}",
    "(1+x)^{999}(1-x)^{999}",
    "\\sum_{k=1}^{10^9} k^k",
    "\\sum_{i=1}^{99}\\sum_{j=1}^{99}\\sum_{k=1}^{99} ijk",
    "\\prod_{k=1}^{500} (x+k)",
    "\\binom{10^9}{10^8}",
    "\\binom{1000}{500}^{99}",
    "10^{10^{10}}",
    "((9!)!)!",
    "1000!!!!",
    "0.\\overline{" + "9" * 40 + "}",
    "0." + "123456" * 90 + "...",
    "\\sin(10^{10^{3}})",
    "\\tan(\\frac{\\pi}{2})",
    "\\exp(\\exp(\\exp(9)))",
    "\\ln(\\ln(1))",
    "\\sqrt[10^9]{2}",
    "2^{\\sqrt{2}^{99}}",
    "(-1)^{1/3}",
    "|x|+|x-1|+|x-2|>1",
    "x^{12}-x^{11}+999999999999x<1/7",
    "\\frac{x^6-1}{x^6+1}\\le\\frac{1}{x}",
    "i^{i^{i}}",
    "\\gcd(10^{999},7^{999})",
    "\\lfloor 10^{900}/7 \\rfloor",
    "1" + ",000" * 300,
    "1" + " 000" * 300,
    "1" + "{,}000" * 200,
    "9" * 990 + "." + "9" * 990,
    "1e999",
    "\\lim_{x\\to 0}\\frac{\\sin x}{x^{99}}",
    "\\int_0^1 x^{x^{x^x}} dx",
    "\\frac{d}{dx} x^{x^{x^{x}}}",
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
    *(
        "\\text{{{}\\text{{{}}}}}",
        "{}<{}",
        "{}\\ne {}",
        "\\frac{{1}}{{{}-{}}}\\ge 0",
        "\\mathrm{{{}}}{}",
        "{}\\%{}^\\circ",
    ),
    *("\\begin{{cases}}{}&x<1\\\\{}&x\\ge1\\end{{cases}}", "\\det({}{})", "{} and {}", "{} or {}", "{}\\approx{}"),
    *(
        "f({})={}",
        "x_{{{}}}={}",
        "{}:{}",
        "{} cm^{{{}}}",
        "\\overline{{{}}}{}",
        "{{{}\\over {}}}",
        "({}<{})",
        "\\{{x:{}<{}\\}}",
    ),
]
TOKENS = [
    *(
        "\\text{",
        "\\mathrm{",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "\\{",
        "\\}",
        "|",
        ",",
        ";",
        ":",
        ".",
        "=",
        "<",
        "\\le",
        "\\ne",
    ),
    *(
        "+",
        "-",
        "*",
        "/",
        "^",
        "_",
        "!",
        "%",
        "$",
        "\\$",
        "^\\circ",
        "\\cup",
        "\\in",
        "\\infty",
        "\\pm",
        "\\frac",
        "\\sqrt[",
    ),
    *(
        "\\sum",
        "\\left",
        "\\right",
        "\\begin{pmatrix}",
        "\\end{pmatrix}",
        "\\begin{cases}",
        "&",
        "\\\\",
        "\\quad",
        "°",
        "€",
    ),
    *(
        "1",
        "23",
        "0.5",
        "1,000",
        "12:30",
        "1/2",
        "²",
        "½",
        "x",
        "e",
        "i",
        "\\pi",
        "a_1",
        "_{10}",
        "\\sin",
        "\\lim",
        "\\int",
    ),
    *(
        "cm",
        "hours",
        "minutes",
        "degrees",
        "dollars",
        "per",
        "square",
        "F",
        "and",
        "or",
        "is",
        "million",
        "AM",
        "one",
        "half",
    ),
    *(
        "\\overline{",
        "\\boxed{",
        "\\mid",
        "\\to",
        "\\pmod{",
        "\\lfloor",
        "\\rceil",
        "\\over",
        "...",
        "\\approx",
        "yes",
        "(A)",
    ),
]
FRAMES = [
    "#### {}",
    "The answer is {}",
    "**{}**",
    "${}$",
    "\\[{}\\]",
    "<answer>{}</answer>",
    "Final answer: {}.",
    "so {}",
]


def wrapped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(st.sampled_from(WRAPS), inner, inner).map(lambda t: t[0].format(t[1], t[2])[:4_000])


numerals = st.integers(1, 900).map(lambda n: "9" * n)
repeated = st.tuples(
    st.sampled_from(["(", "{", "-", "\\frac", "\\sqrt", "!", "^2", "1+", "x^", "[", "|", "$", "<<"]),
    st.integers(1, 3_000),
)
nests = repeated.map(lambda t: t[0] * t[1])
leaves = st.sampled_from(ATOMS) | st.sampled_from([*CODE, *CHARACTERS]) | st.sampled_from(BOMBS) | numerals
continued = st.integers(1, 400).map(lambda n: "x+\\frac{1}{" * n + "x" + "}" * n)
matrices = st.integers(1, 40).map(
    lambda n: "\\begin{pmatrix}" + "\\\\".join(["&".join(["x"] * n)] * n) + "\\end{pmatrix}" + "^{9}" * (n % 2)
)
environments = st.integers(1, 300).map(lambda n: "\\begin{pmatrix}" * n + "1" + "\\end{pmatrix}" * n)
boxes = st.tuples(leaves, st.integers(1, 2_000)).map(
    lambda t: f"\\boxed{{{t[0]}}}, " * min(t[1], 40_000 // (len(t[0]) + 9))
)
structures = continued | matrices | environments | boxes | nests
broken = st.tuples(st.recursive(leaves, wrapped, max_leaves=6), st.integers(0, 200)).map(lambda t: t[0][: t[1]])
soups = st.tuples(st.lists(st.sampled_from(TOKENS), max_size=14), st.sampled_from(["", " "])).map(
    lambda t: t[1].join(t[0])
)
hostile = st.recursive(leaves, wrapped, max_leaves=12) | structures | broken | soups


@pytest.fixture(scope="module")
def pool() -> Iterator[JudgePool]:
    with JudgePool(workers=1, deadline=60) as pool:
        pool.prove(parse("f(x)"), parse("f(x)+0"))  # the first worker's start is not the input's cost
        pool.deadline = DEADLINE
        yield pool


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@example(completion="3\\text{)}", gold="3\\text{)}", frame=FRAMES[0])  # a bracket that a unit cannot begin with
@example(completion="\\text{①}", gold="\\text{①}", frame=FRAMES[0])  # a digit that is no numeral
@given(completion=hostile, gold=hostile, frame=st.sampled_from(FRAMES))
def test_each_ends_within_its_budget(completion: str, gold: str, frame: str, pool: JudgePool) -> None:
    for task in (
        JudgeTask(f"\\boxed{{{completion}}}", gold, (), "raw"),
        JudgeTask(frame.format(completion), UNREACHED, (completion,), "raw"),
    ):
        start = time.process_time(), time.monotonic()
        verdict = pool.judge(task)
        # The processor's time in this process, and the clock's where a worker was waited for.
        assert time.process_time() - start[0] < DEADLINE + SLACK
        assert verdict.outcome in OUTCOMES
        assert verdict.reason != "JUDGE_FAILED", verdict.message
        assert task.gold != UNREACHED or verdict.outcome != "correct"
    assert not Path("owned").exists()  # what the code among the inputs would make
    assert all(memory_of(pid) <= MEMORY for pid in pool.pids)


def memory_of(pid: int) -> int:
    """Bytes of memory that a process holds; 0 where the system does not tell, or it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (FileNotFoundError, ProcessLookupError):
        return 0
