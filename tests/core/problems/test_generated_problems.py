"""Generated problems: right golds, true steps, training and held-out apart, the same everywhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from grpo_core.errors import ProblemsError
from grpo_core.problems import load_problem_set
from grpo_core.problems.families import FAMILIES, Question, questions
from grpo_core.problems.generated import GeneratedProblems, problem_of, solution_of, train_questions
from grpo_core.problems.habits import habit_of
from grpo_core.problems.split import is_heldout

EVERY_QUESTION = [question for family in FAMILIES for question in questions(family)]

some_questions = st.sampled_from(EVERY_QUESTION)


def parsed(text: str) -> sympy.Expr:
    return sympy.sympify(text.replace("^", "**"))


def worked_out_independently(question: Question) -> sympy.Expr:
    """The answer from the prompt alone, by SymPy."""
    unknown = sympy.Symbol(question.letter)
    verb, _, task = question.prompt.removesuffix(".").partition(" ")
    if verb == "Solve":
        left, right = task.split("=")
        return sympy.solve(parsed(left) - parsed(right), unknown)[0]
    return {"Compute": lambda e: e, "Differentiate": lambda e: sympy.diff(e, unknown), "Expand": sympy.expand}[verb](
        parsed(task)
    )


@settings(max_examples=300, deadline=None)
@given(some_questions)
def test_gold_is_what_sympy_finds(question: Question) -> None:
    assert parsed(problem_of(question).gold) == worked_out_independently(question)


@pytest.mark.parametrize("solver", [solution_of, habit_of])
def test_every_line_is_exact_arithmetic(solver) -> None:
    for line in {line for question in EVERY_QUESTION for line in solver(question).steps}:
        left, right = line.split("=")
        assert re.fullmatch(r"-?\d+[-+*/](\d+|\(-\d+\))", left)
        assert parsed(left) == int(right)


@pytest.mark.parametrize("solver", [solution_of, habit_of])
def test_one_to_three_lines_then_the_boxed_answer(solver) -> None:
    for question in EVERY_QUESTION:
        derivation = solver(question)
        assert 1 <= len(derivation.steps) <= 3
        assert derivation.text.splitlines() == [*derivation.steps, rf"\boxed{{{derivation.answer}}}"]


@pytest.mark.parametrize("solver", [solution_of, habit_of])
def test_the_answer_follows_from_the_lines(solver) -> None:
    """Every number of the answer stands in the question or is a line's result."""
    for question in EVERY_QUESTION:
        derivation = solver(question)
        known = {line.split("=")[1] for line in derivation.steps} | set(re.findall(r"\d+", question.prompt))
        known |= {number.removeprefix("-") for number in known} | {"2"}
        assert set(re.findall(r"\d+", derivation.answer)) <= known


def test_a_habit_is_never_right() -> None:
    for question in EVERY_QUESTION:
        assert parsed(habit_of(question).answer) != parsed(solution_of(question).answer)


@pytest.mark.parametrize(
    ("question", "habit"),
    [
        (Question("chain", (12, 7, 3, 5)), "7*3=21\n12+21=33\n33-5=28\n\\boxed{28}"),
        (Question("linear", (2, 5, 9)), "9+5=14\n14/2=7\n\\boxed{7}"),
        (Question("derivative", (3, 5, 4)), "2*3=6\n5+4=9\n\\boxed{6*x+9}"),
        (Question("expansion", (3, -4)), "3*(-4)=-12\n\\boxed{x^2-12}"),
    ],
)
def test_the_four_habits(question: Question, habit: str) -> None:
    assert habit_of(question).text == habit


def test_an_example_of_each_family() -> None:
    examples = [
        Question("chain", (12, 7, 3, 5)),
        Question("linear", (2, 5, 9)),
        Question("derivative", (3, 5, 4)),
        Question("expansion", (3, -4), "t"),
    ]
    found = [(p.prompt, p.gold, p.steps) for p in map(problem_of, examples)]
    assert found == [
        ("Compute (12+7)*3-5.", "52", ("12+7=19", "19*3=57", "57-5=52")),
        ("Solve 2*x+5=9.", "2", ("9-5=4", "4/2=2")),
        ("Differentiate 3*x^2+5*x+4.", "6*x+5", ("2*3=6",)),
        ("Expand (t+3)*(t-4).", "t^2-t-12", ("3-4=-1", "3*(-4)=-12")),
    ]


def test_training_and_heldout_never_share_a_question() -> None:
    problems = GeneratedProblems()
    train = {p.prompt for seed in range(5) for p in problems.train_problems(6_000, seed)}
    heldout = {p.prompt for seed in range(5) for p in problems.heldout_problems(400, seed)}
    assert not train & heldout
    assert not any(map(is_heldout, train))
    assert all(map(is_heldout, heldout))


def test_about_one_question_in_ten_is_held_out() -> None:
    share = sum(is_heldout(question.prompt) for question in EVERY_QUESTION) / len(EVERY_QUESTION)
    assert 0.08 < share < 0.12


def test_questions_and_ids_are_distinct() -> None:
    problems = [problem_of(question) for question in EVERY_QUESTION]
    assert len({p.prompt for p in problems}) == len({p.id for p in problems}) == len(problems)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 300), st.integers(0, 2**40))
def test_a_smaller_count_gives_a_prefix(count: int, seed: int) -> None:
    problems = GeneratedProblems()
    assert problems.heldout_problems(300, seed)[:count] == problems.heldout_problems(count, seed)
    assert problems.train_problems(300, seed)[:count] == problems.train_problems(count, seed)


def test_heldout_problems_are_distinct_until_there_are_no_more() -> None:
    problems = GeneratedProblems(("linear",))
    found = problems.heldout_problems(9_999)
    assert len(found) == sum(is_heldout(question.prompt) for question in questions("linear"))
    assert len({problem.id for problem in found}) == len(found)


def test_training_problems_never_end_and_families_take_turns() -> None:
    found = load_problem_set("generated").train_problems(8_000, seed=3)
    assert [p.level for p in found[:8]] == [*FAMILIES, *FAMILIES]
    assert len(found) == 8_000


def test_another_seed_gives_another_order() -> None:
    assert train_questions(50, 0) != train_questions(50, 1)


def test_the_same_seed_gives_the_same_problems_in_another_process() -> None:
    code = (
        "from grpo_core.problems import load_problem_set as load\n"
        "s = load('generated')\n"
        "print([p.id for p in s.train_problems(40, 7) + s.heldout_problems(40, 7)])"
    )
    there = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "12345"}
    )
    problems = load_problem_set("generated")
    here = [p.id for p in problems.train_problems(40, 7) + problems.heldout_problems(40, 7)]
    assert there.stdout.strip() == str(here)


def test_families_can_be_chosen() -> None:
    chosen = load_problem_set("generated:linear, chain")
    assert chosen.name == "generated:chain,linear"
    assert {p.level for p in chosen.heldout_problems(20)} == {"chain", "linear"}


@pytest.mark.parametrize("spec", ["generated:chains", "generated:chain,", "hub", "", "problems.csv"])
def test_an_unknown_set_is_named_in_the_error(spec: str) -> None:
    with pytest.raises(ProblemsError, match="Unknown"):
        load_problem_set(spec)


def test_a_set_needs_none_of_the_heavy_libraries() -> None:
    code = (
        "import sys\n"
        "from grpo_core.problems import load_problem_set as load\n"
        "load('generated').train_problems(4, 0)\n"
        "print(sorted({'torch', 'numpy', 'sympy', 'transformers'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("family", FAMILIES)
def test_the_documented_sizes_are_the_real_ones(family: str) -> None:
    everything = list(questions(family))
    heldout = sum(is_heldout(question.prompt) for question in everything)
    document = (Path(__file__).parents[3] / "docs/embedded-model.md").read_text("utf-8")
    assert f"| `{family}` | {len(everything):,} | {heldout} |" in document
