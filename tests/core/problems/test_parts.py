"""Parts of a set, questions that are the same in other words' clothes, and what a policy is shown of a problem."""

from __future__ import annotations

import pytest

from grpo_core.errors import ProblemsError
from grpo_core.problems import load_problem_set
from grpo_core.problems.families import FAMILIES, questions
from grpo_core.problems.listed import ListedProblems
from grpo_core.problems.parts import WithoutHeldout, part_of, split_part
from grpo_core.problems.prompting import PLAIN, Prompting, choose_examples, demonstration
from grpo_core.problems.split import is_heldout, normal_text, same_question
from grpo_core.types import Problem
from tests.samples import CHAIN, EXPANSION


def problem(text: str) -> Problem:
    return Problem(text, text, "1")


@pytest.mark.parametrize(
    ("spec", "whole", "part"),
    [
        ("gsm8k:test", "gsm8k", "test"),
        ("gsm8k:heldout,path=a:b/c", "gsm8k:path=a:b/c", "test"),
        ("math:train,level=3-5", "math:level=3-5", "train"),
        ("my.jsonl:all,prompt=q", "my.jsonl:prompt=q", "all"),
        ("generated:chain,linear", "generated:chain,linear", None),
        ("gsm8k:path=/x:test", "gsm8k:path=/x", "test"),
        ("tests.jsonl", "tests.jsonl", None),
        ("gsm8k:testing", "gsm8k:testing", None),
    ],
)
def test_a_part_is_named_behind_the_set(spec: str, whole: str, part: str | None) -> None:
    assert split_part(spec) == (whole, part)


def test_training_takes_no_part() -> None:
    with pytest.raises(ProblemsError, match="only an evaluation takes: write generated:chain"):
        load_problem_set("generated:test,chain")


def test_parts_share_nothing_and_make_the_whole() -> None:
    problems = ListedProblems("x", [problem(f"t{n}") for n in range(6)], [problem(f"h{n}") for n in range(3)], "")
    test, train, whole = (part_of(problems, part, 50) for part in ("test", "train", "all"))
    assert (len(test), len(train), len(whole)) == (3, 6, 9)
    assert {each.id for each in whole} == {each.id for each in (*test, *train)}
    assert len(part_of(problems, "all", 4)) == 4


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("What is 2+2?", "what is  2 + 2", True),
        ("What is $2+2$?", "What is 2+2?", True),
        ("Find ﬁve.", "find five", True),
        ("What is \\(2+2\\)?", "What is 2+2?", True),
        ("What is 2+2?\u200b", "\ufeffWhat is\u2060 2+2?", True),
        ("What is 2+2?", "What is 2-2?", False),
        ("What is x^2?", "What is x2?", False),
    ],
)
def test_the_same_question_however_it_is_written(one: str, other: str, same: bool) -> None:
    assert same_question(one, other) is same


def test_no_generated_question_is_in_both_parts_by_its_text() -> None:
    texts: dict[bool, set[str]] = {True: set(), False: set()}
    for family in FAMILIES:
        for question in questions(family):
            texts[is_heldout(question.prompt)].add(normal_text(question.prompt))
    assert not texts[True] & texts[False]


def test_a_listed_set_leaves_out_what_is_held_out_in_other_clothes() -> None:
    problems = ListedProblems("x", [problem("what is 2 + 2"), problem("other")], [problem("What is 2+2?")], "")
    assert {each.prompt for each in problems.train_problems(4, 0)} == {"other"}
    assert problems.overlap == "1 training row of x asks what a held-out one asks, by the text: not trained on."


def test_a_set_without_what_another_holds_out() -> None:
    base = ListedProblems("x", [problem(f"t{n}") for n in range(8)], [problem("h")], "")
    train = WithoutHeldout(base, [problem("T3"), problem("t5 ")])
    found = train.train_problems(20, 1)
    assert len(found) == 20
    assert {each.id for each in found} == {"t0", "t1", "t2", "t4", "t6", "t7"}
    assert train.train_problems(3, 1) == found[:3], "a shorter list is the beginning of a longer one"
    assert train.left_out(8, 1) == 2
    with pytest.raises(ProblemsError, match="not held out"):
        WithoutHeldout(base, [problem(f"t{n}") for n in range(8)]).train_problems(1, 0)


def test_a_prompt_has_system_examples_and_the_problem_in_its_template() -> None:
    prompting = Prompting("Be brief.", "Q: {problem}\nA:", (CHAIN, EXPANSION), 1)
    assert prompting.messages(problem("{0} {problem}")) == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": f"Q: {CHAIN.prompt}\nA:"},
        {"role": "assistant", "content": "12+7=19\n19*3=57\n57-5=52\n\\boxed{52}"},
        {"role": "user", "content": "Q: {0} {problem}\nA:"},
    ]
    assert prompting.text(CHAIN) == (
        f"Be brief.\n\nQ: {EXPANSION.prompt}\nA:\n{demonstration(EXPANSION)}\n\nQ: {CHAIN.prompt}\nA:\n"
    ), "a problem is never shown its own answer"
    assert PLAIN.messages(CHAIN) == [{"role": "user", "content": CHAIN.prompt}]


def test_examples_are_training_problems_and_the_seeds() -> None:
    problems = load_problem_set("generated")
    one, same, other = (choose_examples(problems, 3, seed) for seed in (0, 0, 1))
    assert one == same != other
    assert len(one) == 4
    assert not any(is_heldout(example.prompt) for example in one)
    assert choose_examples(problems, 0, 0) == ()
