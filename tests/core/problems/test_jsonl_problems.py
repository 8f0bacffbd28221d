"""Problems from a file: what a row may be, what a person is told of a bad one, and that the parts stay apart."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grpo_core.errors import ProblemsError
from grpo_core.problems import load_problem_set
from grpo_core.problems.jsonl import LONGEST_LINE, JsonlProblems
from grpo_core.problems.parts import part_of
from grpo_core.problems.rows import RowError, parse_row
from grpo_core.problems.split import is_heldout, problem_id
from grpo_core.types import Problem

GSM8K = Path(os.environ.get("GRPO_DASH_DATA", Path(__file__).parents[4] / "shared/data")) / "gsm8k/train.jsonl"

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
json_values = scalars | st.lists(scalars, max_size=3)
almost_rows = st.dictionaries(
    st.sampled_from(["prompt", "gold", "steps", "id", "level", "question", "answer"]), json_values
)


def file_of(folder: Path, *rows: object, name: str = "set.jsonl") -> Path:
    path = folder / name
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), "utf-8")
    return path


def numbered_rows(count: int) -> list[dict[str, str]]:
    return [{"prompt": f"What is {n}+{n}?", "gold": str(2 * n)} for n in range(count)]


def test_our_row_with_everything() -> None:
    row = {"prompt": " 2+3=? ", "gold": "5", "steps": ["2+3=5"], "id": "sum-1", "level": "easy", "more": [1]}
    assert parse_row(json.dumps(row).encode(), "mine") == Problem(
        id="sum-1", prompt="2+3=?", gold="5", steps=("2+3=5",), source="mine", level="easy"
    )


def test_a_number_is_the_text_that_the_file_has() -> None:
    problem = parse_row(b'{"prompt": "p", "gold": 0.10, "id": 7, "level": 5, "steps": null}', "mine")
    assert (problem.gold, problem.id, problem.level, problem.steps) == ("0.10", "7", "5", ())
    assert parse_row(b'{"prompt": "p", "gold": ' + b"9" * 10_000 + b"}", "mine").gold == "9" * 10_000


def test_a_gsm8k_row() -> None:
    answer = "She sold 48/2 = <<48/2=24>>24 clips.\nIn all 48+24 = $<<48+24=72>>72.\n#### 1,072"
    problem = parse_row(json.dumps({"question": "How many?", "answer": answer}).encode(), "gsm8k")
    assert problem == Problem(
        id=problem_id("gsm8k", "How many?"),
        prompt="How many?",
        gold="1072",
        steps=("48/2=24", "48+24=72"),
        source="gsm8k",
    )


def test_a_question_with_its_answer_alone() -> None:
    problem = parse_row(b'{"question": "What is 2+3?", "answer": 5}', "mine")
    assert (problem.prompt, problem.gold, problem.steps) == ("What is 2+3?", "5", ())


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "is not JSON"),
        ("NaN", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ('{"prompt": "p", "gold": NaN}', "is not JSON"),
        ("3", "is not a JSON object"),
        ("{}", 'has neither "prompt" and "gold"'),
        ('{"prompt": "p", "answer": "#### 3"}', 'has neither "prompt" and "gold"'),
        ('{"prompt": "p", "gold": " "}', 'has a "gold" that is not text'),
        ('{"prompt": ["p"], "gold": "3"}', 'has a "prompt" that is not text'),
        ('{"prompt": "p", "gold": true}', 'has a "gold" that is not text'),
        ('{"prompt": "p\\ud800", "gold": "3"}', "surrogate"),
        ('{"prompt": "p", "gold": "3", "steps": "1+2=3"}', '"steps" that are not a list'),
        ('{"prompt": "p", "gold": "3", "steps": [null]}', 'has a "steps" that is not text'),
        ('{"prompt": "p", "gold": "3", "id": "a/b"}', 'has an "id"'),
        ('{"question": "q", "answer": "3 ####  "}', 'has nothing behind the "####"'),
    ],
)
def test_a_bad_row_is_named_by_its_line(tmp_path: Path, line: str, complaint: str) -> None:
    path = file_of(tmp_path, {"prompt": "p", "gold": "3"}, "", line)
    with pytest.raises(ProblemsError) as caught:
        JsonlProblems(path)
    assert str(caught.value).startswith(f"{path}, line 3 ")
    assert complaint in str(caught.value)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.binary(max_size=200) | almost_rows.map(lambda row: json.dumps(row).encode()))
def test_any_line_is_a_problem_or_a_row_error(line: bytes) -> None:
    try:
        problem = parse_row(line, "any")
    except RowError:
        return
    assert problem.prompt.strip()
    assert problem.gold.strip()
    json.dumps(problem.to_json()).encode()


@given(texts, texts)
def test_any_text_comes_back_as_it_was(prompt: str, gold: str) -> None:
    for ascii_only in (True, False):
        line = json.dumps({"prompt": prompt, "gold": gold}, ensure_ascii=ascii_only).encode()
        problem = parse_row(line, "any")
        assert (problem.prompt, problem.gold) == (prompt.strip(), gold.strip())


def test_the_parts_never_share_a_question_however_it_is_spaced(tmp_path: Path) -> None:
    rows = numbered_rows(300)
    spaced = [{**row, "prompt": row["prompt"].replace(" ", "  \n")} for row in rows]
    problems = JsonlProblems(file_of(tmp_path, *rows, *spaced, *rows))
    train = {" ".join(p.prompt.split()) for p in problems.train_problems(900, 0)}
    expected = {row["prompt"] for row in rows if is_heldout(row["prompt"])}
    heldout = {p.prompt for p in problems.heldout_problems(len(expected))}
    assert heldout == expected
    assert train == {row["prompt"] for row in rows} - expected


def test_orders_are_seeded_endless_and_prefixes(tmp_path: Path) -> None:
    problems = JsonlProblems(file_of(tmp_path, *numbered_rows(60)))
    longer, shorter = problems.train_problems(200, 4), problems.train_problems(30, 4)
    assert longer[:30] == shorter
    assert problems.train_problems(30, 5) != shorter
    assert problems.heldout_problems(3, 1) == problems.heldout_problems(4, 1)[:3]


def test_more_heldout_problems_than_there_are_is_all_of_them(tmp_path: Path) -> None:
    problems = JsonlProblems(file_of(tmp_path, *numbered_rows(60)))
    count = sum(is_heldout(row["prompt"]) for row in numbered_rows(60))
    assert len(problems.heldout_problems(61)) == count


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"prompt": "p", "gold": "3"}\r\n\r\n{"prompt": "q", "gold": "4"}')
    assert {p.gold for p in JsonlProblems(path).train_problems(2, 0)} == {"3", "4"}


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_a_file_without_problems_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(ProblemsError, match="is empty"):
        JsonlProblems(file_of(tmp_path, content))


def test_a_file_of_held_out_questions_only_has_none_to_train_on(tmp_path: Path) -> None:
    held = next(prompt for prompt in (f"{n}?" for n in range(99)) if is_heldout(prompt))
    problems = JsonlProblems(file_of(tmp_path, json.dumps({"prompt": held, "gold": "1"})))
    assert problems.train_problems(5, 0) == []
    assert [problem.prompt for problem in problems.heldout_problems(5)] == [held]
    assert part_of(problems, "all", 5) == problems.heldout_problems(5)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.jsonl").mkdir()
    for name in ("missing.jsonl", "folder.jsonl"):
        with pytest.raises(ProblemsError, match="There is no file"):
            load_problem_set(str(tmp_path / name))


def test_an_endless_line_is_refused_before_it_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    with path.open("wb") as file:
        file.truncate(50 * LONGEST_LINE)
    with pytest.raises(ProblemsError, match=r"line 1 is longer than 1,048,576 bytes"):
        JsonlProblems(path)


def test_a_file_that_changes_meanwhile_is_said_to_have_changed(tmp_path: Path) -> None:
    path = file_of(tmp_path, *numbered_rows(20))
    problems = JsonlProblems(path)
    file_of(tmp_path, *(["x" * 80] * 20))
    with pytest.raises(ProblemsError, match="changed since the run began"):
        problems.train_problems(5, 0)


@pytest.mark.skipif(not GSM8K.is_file(), reason=f"needs GSM8K at {GSM8K}")
def test_gsm8k_is_read_whole() -> None:
    problems = JsonlProblems(GSM8K)
    rows = problems.train_problems(6_681, 0) + problems.heldout_problems(792)
    assert len({p.id for p in rows}) == 7_473
    assert sum(len(p.steps) for p in rows) == 23_716
