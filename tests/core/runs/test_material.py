"""Before anything loads: what is trained on, what is held out, and one clear sentence where that cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grpo_core.config import RunConfig
from grpo_core.errors import ConfigError
from grpo_core.problems.split import is_heldout, normal_text
from grpo_core.runs.material import load_material, load_prompting, problems_to_evaluate
from grpo_core.runs.preflight import check_fields, warnings

ROWS = [{"prompt": f"What is {n}+{n}?", "gold": str(2 * n)} for n in range(80)]


def write(path: Path, rows: list[dict[str, object]]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def test_a_set_apart_is_kept_out_of_training_and_that_is_said(tmp_path: Path) -> None:
    train = write(tmp_path / "train.jsonl", ROWS)
    apart = write(tmp_path / "apart.jsonl", [{"prompt": f"what is {n} + {n}", "gold": str(2 * n)} for n in range(40)])
    config = RunConfig(problems=train, eval_dataset=apart, eval_problems=16)
    material = load_material(config)
    held = {normal_text(problem.prompt) for problem in problems_to_evaluate(apart, 100, train)}
    assert len(held) == 40, "a file that is not trained on is evaluated whole"
    trained = {normal_text(problem.prompt) for problem in material.train.train_problems(200, 0)}
    assert trained
    assert not trained & held
    assert len(material.heldout) == 16
    (warning,) = warnings(config)
    kept_out = sum(not is_heldout(str(row["prompt"])) for row in ROWS[:40])
    assert warning == f"{kept_out} problems of {train} are problems of {apart} too, by their text: not trained on."
    assert check_fields(config) == {}


def test_nothing_left_to_train_on_is_refused(tmp_path: Path) -> None:
    train, apart = (write(tmp_path / name, ROWS) for name in ("train.jsonl", "apart.jsonl"))
    assert "not held out" in check_fields(RunConfig(problems=train, eval_dataset=apart))["problems"]


def test_what_is_wrong_with_a_set_apart_is_said_of_it(tmp_path: Path) -> None:
    train, empty = write(tmp_path / "train.jsonl", ROWS), write(tmp_path / "empty.jsonl", [])
    bad = write(tmp_path / "bad.jsonl", [{"prompt": "Bad?", "gold": "1/0"}])
    for apart, words in ((empty, "is empty"), (bad, "it divides by zero"), ("poetry", "Unknown problems")):
        found = check_fields(RunConfig(problems=train, eval_dataset=apart))
        assert list(found) == ["eval_dataset"]
        assert words in found["eval_dataset"]


def test_a_set_apart_may_be_one_question_that_would_be_held_out_anyway(tmp_path: Path) -> None:
    held = next(f"{n}?" for n in range(99) if is_heldout(f"{n}?"))
    train, apart = write(tmp_path / "train.jsonl", ROWS), write(tmp_path / "one.jsonl", [{"prompt": held, "gold": "1"}])
    assert check_fields(RunConfig(problems=train, eval_dataset=apart)) == {}
    assert "no problem to train on (1 held out)" in check_fields(RunConfig(problems=apart))["problems"]


def test_the_file_that_is_trained_on_is_evaluated_on_its_held_out_part(tmp_path: Path) -> None:
    path = write(tmp_path / "train.jsonl", ROWS)
    assert all(is_heldout(problem.prompt) for problem in problems_to_evaluate(path, 80, path))
    assert len(problems_to_evaluate(f"{path}:all", 100, path)) == 80
    assert len(problems_to_evaluate(path, 100, "generated")) == 80


@pytest.mark.parametrize(
    ("rows", "columns", "words"),
    [
        ([], "", "is empty"),
        (ROWS, ":prompt=question,gold=gold", "line 1 has no column 'question' (columns: prompt, gold)"),
        ([{"text": "x"}], "", 'has neither "prompt" and "gold"'),
        ([*ROWS, {"prompt": "Bad?", "gold": "(1,"}], "", "the gold '(1,' of the problem 'Bad?' cannot be read"),
        ([*ROWS, {"prompt": "Bad?", "gold": "\\foo{3}"}, {"prompt": "B?", "gold": "2^^"}], "", "and 1 more like it"),
        ([{"prompt": "What?", "gold": ""}], "", 'has a "gold" that is not text, or is empty'),
        (ROWS, ":test", "only an evaluation takes"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(tmp_path: Path, rows: list, columns: str, words: str) -> None:
    path = write(tmp_path / "set.jsonl", rows)
    found = check_fields(RunConfig(problems=path + columns))
    assert list(found) == ["problems"]
    assert words in found["problems"]
    assert found["problems"].count("\n") == 0


def test_a_file_that_was_mended_is_read_anew(tmp_path: Path) -> None:
    path = write(tmp_path / "set.jsonl", [{"prompt": "Bad?", "gold": "(1,"}])
    assert "problems" in check_fields(RunConfig(problems=path))
    write(Path(path), [*ROWS, {"prompt": "Good?", "gold": "1"}])
    assert check_fields(RunConfig(problems=path)) == {}


def test_a_template_needs_its_place() -> None:
    from grpo_core.config import make_config

    with pytest.raises(ConfigError, match="no place for the problem"):
        make_config({"prompt_template": "Solve it."})


def test_worked_examples_count_in_the_prompts_length() -> None:
    assert check_fields(RunConfig(num_few_shot=2)) == {}
    assert "show fewer examples" in check_fields(RunConfig(num_few_shot=60))["max_completion_length"]
    assert load_prompting(RunConfig(num_few_shot=2)) == load_material(RunConfig(num_few_shot=2)).prompting


@pytest.mark.parametrize(("rows", "columns", "words"), [([], "", "is empty"), (ROWS, ":prompt=q", "has no column 'q'")])
def test_a_parquet_file_says_the_same(tmp_path: Path, rows: list, columns: str, words: str) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow reads parquet files")
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow reads parquet files")
    schema = pyarrow.schema([("prompt", pyarrow.string()), ("gold", pyarrow.string())])
    parquet.write_table(pyarrow.Table.from_pylist(rows, schema), tmp_path / "set.parquet")
    found = check_fields(RunConfig(problems=f"{tmp_path / 'set.parquet'}{columns}"))
    assert words in found["problems"]
