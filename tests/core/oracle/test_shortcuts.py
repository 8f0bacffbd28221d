"""The oracle's shortcuts say what the whole way round says: every field of the verdict, but the seconds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grpo_core.oracle import extract, formulas, gold, grammar, judge, verdict
from grpo_core.oracle.limits import OverBudget, Unreadable
from grpo_core.oracle.nodes import Node
from grpo_core.oracle.phrases import UNKNOWN
from grpo_core.oracle.plain import read_at_sight
from grpo_core.types import Verdict
from tests.core.oracle.cases import shared, table

whole = st.integers(-(10**7), 10**7)
numerals = st.one_of(
    whole.map(str),
    whole.map(lambda value: f"{value:,}"),
    st.tuples(st.integers(-20, 20), st.integers(0, 9999)).map(lambda parts: f"{parts[0]}.{parts[1]}"),
    st.tuples(st.integers(-9, 9), st.integers(0, 9)).map(lambda parts: f"{parts[0]}/{parts[1]}"),
    st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda parts: f"-\\frac{{{parts[0]}}}{{{parts[1]}}}"),
    st.sampled_from(
        ["0", "-0", "007", "1,23", "12,345,6", "5,000", "5.0", ".5", "1e3", "٤٢", "1" * 19, "-0.0", "2,74"]
    ),
)
CUES = [
    "The answer is ",
    "A: ",
    " A:",
    "\nA: ",
    "Answer:",
    "answers (in km) are ",
    "the answer (the answer is ",
    "#### ",
]
CUES += ["#####", "\n####", "Final answer: ", "[Final answer] ", "the final answer is ", "Respuesta: ", "Antwort ist "]
CUES += ["answer", "area: ", "réponse est ", "答案是", "\\boxed{", "<answer>", "anſwer ıs ", "answer: answer is "]
SAID = [
    ". ",
    ".",
    "\n",
    " dollars",
    " apples and ",
    ", because ",
    " and ",
    " or ",
    "$",
    "€",
    "**",
    "}",
    "</answer>",
    ")",
]
SAID += [
    " ",
    "  ",
    "%",
    " x + ",
    " infinity",
    "So we get ",
    " pi ",
    "’",
    "İ",
    "ﬁ",
    "=",
    " = ",
    "<<3+4=7>>",
    "\\",
    "¿",
    "!",
]
texts = st.lists(numerals | st.sampled_from(CUES) | st.sampled_from(SAID) | st.text(max_size=2), max_size=12).map(
    "".join
)
stated = st.tuples(texts, st.sampled_from(CUES), numerals, st.sampled_from(SAID) | st.just(""), texts).map("".join)
said = st.tuples(st.sampled_from(CUES[:6]), whole.map(str), st.sampled_from(SAID), st.sampled_from(SAID)).map("".join)


@contextmanager
def whole_way_round() -> Iterator[None]:
    """Nothing is read at sight, and no phrase is found without a search of the whole text."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("last_hashes", "last_final", "last_stated"):
            patch.setattr(extract, name, lambda *_: UNKNOWN)
        patch.setattr(extract, "statement", formulas.read_statement)
        patch.setattr(grammar, "read_at_sight", lambda _: None)
        for module in (gold, verdict):
            patch.setattr(module, "plain_number", lambda _: None)
        forget()
        yield
    forget()


def forget() -> None:
    gold.read_gold.cache_clear()
    grammar._parse_cached.cache_clear()


def both_ways(completion: str, right: str) -> tuple[Verdict, Verdict]:
    quick = judge(completion, right)
    with whole_way_round():
        slow = judge(completion, right)
    return quick._replace(seconds=0.0), slow._replace(seconds=0.0)


@settings(max_examples=400, deadline=None)
@given(st.one_of(stated, said, texts, numerals), numerals)
def test_a_verdict_is_the_same_both_ways(completion: str, right: str) -> None:
    quick, slow = both_ways(completion, right)
    assert quick == slow


@pytest.mark.parametrize("row", table("oracle_verdicts.jsonl"), ids=lambda row: row["completion"][-30:])
def test_tabled_verdicts_are_the_same_both_ways(row: dict[str, str]) -> None:
    quick, slow = both_ways(row["completion"], row["gold"])
    assert quick == slow


def test_real_completions_get_the_same_verdict_both_ways() -> None:
    rows = shared("verdicts/gsm8k_openai_completions.jsonl") + shared("verdicts/math_mutated_gold.jsonl")
    pairs = [(row["completion"], row["gold"]) for row in rows]
    quick = [judge(*pair)._replace(seconds=0.0) for pair in pairs]
    with whole_way_round():
        slow = [judge(*pair)._replace(seconds=0.0) for pair in pairs]
    assert quick == slow


@settings(max_examples=300, deadline=None)
@given(numerals | st.from_regex(r"-?[0-9.,/\\frac{}]{1,12}", fullmatch=True))
def test_what_is_read_at_sight_is_read_the_same_in_full(text: str) -> None:
    at_sight = read_at_sight(text)
    assert at_sight is None or (at_sight == in_full(text) and repr(at_sight) == repr(in_full(text)))


def in_full(text: str) -> Node | None:
    try:
        return grammar.read_in_full(text)
    except (OverBudget, Unreadable):
        return None


@settings(max_examples=300, deadline=None)
@given(
    st.lists(numerals | st.sampled_from([*SAID, "\n", "x2", "v_1", "3x", "a\n= 4", "\n-"]), max_size=10).map("".join)
)
def test_the_last_number_of_a_line_is_the_last_of_the_text(text: str) -> None:
    matches = [m for m in formulas._EXPRESSION.finditer(text) if any(character.isdecimal() for character in m[0])]
    found = formulas.last_number(text)
    expected = matches and formulas.trimmed(text, matches[-1].start(), matches[-1].end())
    united = matches and formulas._NUMBER_AND_UNIT.fullmatch(matches[-1][0])
    assert found == (expected or None) or united


@pytest.mark.parametrize("answer", ["5,000", "2,500", "-1,000,000"])
def test_thousands_are_no_decimals(answer: str) -> None:
    assert judge(f"A: {answer}", answer.replace(",", ".").rstrip("0").rstrip(".")).outcome == "wrong"
