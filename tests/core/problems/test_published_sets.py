"""GSM8K, MATH, parquet and mapped columns: rows, splits, filters, and what a person is told of a bad spec."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from grpo_core.errors import ProblemsError
from grpo_core.oracle.gold_check import faulty_golds
from grpo_core.problems import load_problem_set
from grpo_core.problems.derived_steps import equations_of, last_box
from grpo_core.runs.material import problems_to_evaluate
from grpo_core.types import Problem

DATA = Path(os.environ.get("GRPO_DASH_DATA") or Path(__file__).parents[4] / "shared/data")
SOLUTION = "Since $x+1=5$, we get \\[x=4.\\] The area is $4\\cdot 4 = \\boxed{16}$."


def write(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture
def published(tmp_path: Path) -> Path:
    for split, count in (("train", 5), ("test", 3)):
        rows = [{"question": f"{split} {n}?", "answer": f"<<{n}+1={n + 1}>>\n#### {n + 1}"} for n in range(count)]
        (tmp_path / "gsm8k").mkdir(exist_ok=True)
        write(tmp_path / "gsm8k" / f"{split}.jsonl", rows)
    kinds = [("Level 1", "Algebra"), ("Level 5", "Geometry"), ("Level 3", "Counting & Probability")]
    rows = [{"problem": f"P{i}", "solution": SOLUTION, "level": level, "type": t} for i, (level, t) in enumerate(kinds)]
    (tmp_path / "math").mkdir()
    write(tmp_path / "math" / "test.jsonl", [*rows, {**rows[0], "problem": "P9"}])
    write(tmp_path / "math" / "math500.jsonl", [{**rows[0], "answer": "16", "problem": "P9"}])
    return tmp_path


def test_gsm8k_trains_on_train_and_holds_out_test(published: Path) -> None:
    problems = load_problem_set(f"gsm8k:path={published / 'gsm8k'}")
    assert {p.prompt for p in problems.train_problems(5, 0)} == {f"train {n}?" for n in range(5)}
    assert {p.prompt for p in problems.heldout_problems(9)} == {f"test {n}?" for n in range(3)}
    assert problems.train_problems(7, 3) == problems.train_problems(7, 3)
    assert problems.heldout_problems(2) == problems.heldout_problems(3)[:2]
    assert "test split is held out" in problems.splits  # type: ignore[attr-defined]


def test_math_never_trains_on_what_it_holds_out(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRPO_DASH_DATA", str(published))
    problems = load_problem_set("math")
    assert {p.prompt for p in problems.train_problems(3, 0)} == {"P0", "P1", "P2"}
    assert [p.prompt for p in problems.heldout_problems(5)] == ["P9"]
    first = next(p for p in problems.train_problems(3, 0) if p.prompt == "P0")
    assert (first.gold, first.level, first.subject, first.source) == ("16", "1", "Algebra", "math")
    assert first.steps == ("x+1=5", "x=4", "4\\cdot 4 = 16")
    assert "without MATH-500" in problems.splits  # type: ignore[attr-defined]


def test_math_by_level_and_subject(published: Path) -> None:
    path = f"path={published / 'math'}"
    assert {p.prompt for p in load_problem_set(f"math:level=1-3,{path}").train_problems(4, 0)} == {"P0", "P2"}
    chosen = load_problem_set(f"math:{path},subject=counting_and_probability+geometry")
    assert {p.prompt for p in chosen.train_problems(4, 0)} == {"P1", "P2"}


def test_a_part_of_a_published_set_is_evaluated(published: Path) -> None:
    path = f"path={published / 'gsm8k'}"
    parts = {part: problems_to_evaluate(f"gsm8k:{part},{path}", 50, "generated") for part in ("test", "train", "all")}
    assert {part: len(found) for part, found in parts.items()} == {"test": 3, "train": 5, "all": 8}
    assert problems_to_evaluate(f"gsm8k:{path}", 2, "generated") == parts["test"][:2]
    assert [p.level for p in problems_to_evaluate(f"math:test,level=1,path={published / 'math'}", 9, "x")] == ["1"]


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("math:level=high", "level 'high'"),
        ("math:level=4-9", "no level 6: its levels are 1 to 5"),
        ("math:level=3-1", "'3-1' end before they begin"),
        ("math:level=1-999999999999", "no level 6"),
        ("math:subject=topology", "no subject 'topology'"),
        ("math:colour=red", "write name=value with one of path, level, subject"),
        ("gsm8k:path=/no/such/folder", "no folder"),
        ("nonsense", "Unknown problems"),
        ("no-such.parquet", "no file"),
    ],
)
def test_a_bad_spec_is_named(spec: str, said: str) -> None:
    with pytest.raises(ProblemsError, match=said):
        load_problem_set(spec)


def test_columns_of_ones_own(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"q": f"What is {n}+{n}?", "a": 2 * n, "prompt": "not this"} for n in range(60)]
    write(tmp_path / "mine.jsonl", rows)
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow reads parquet files")
    table = pytest.importorskip("pyarrow").Table.from_pylist(rows)
    parquet.write_table(table, tmp_path / "mine.parquet")
    sets = [load_problem_set(f"{tmp_path / name}:prompt=q,gold=a") for name in ("mine.jsonl", "mine.parquet")]
    listed = [sorted(p.prompt + p.gold for p in each.heldout_problems(60)) for each in sets]
    assert listed[0] == listed[1]
    assert 0 < len(listed[0]) < 20
    assert sets[1].train_problems(1, 0)[0].gold.isdigit()


def test_loading_needs_no_torch() -> None:
    program = (
        "import sys, grpo_core.problems, grpo_core.oracle; print('torch' in sys.modules, 'datasets' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


@pytest.mark.parametrize(
    ("solution", "gold"),
    [
        ("so \\boxed{\\frac{1}{2}}", "\\frac{1}{2}"),
        ("\\boxed 7", "7"),
        ("\\fbox{x}", "x"),
        ("none", None),
        ("\\boxed{", None),
    ],
)
def test_the_last_box(solution: str, gold: str | None) -> None:
    assert last_box(solution) == gold


def test_equations_leave_prose_and_artwork_out() -> None:
    assert equations_of(
        "[asy]draw($a=b$);[/asy] $n=3$ and $\\text{area}=4$ and $m<4$ and \\begin{align*}x&=1\\end{align*}"
    ) == ("n=3",)
    assert equations_of("\\[\\begin{aligned} a&=1 \\\\ b&=a+1 \\end{aligned}\\]") == ("a=1", "b=a+1")


def test_golds_that_do_not_verify_are_listed() -> None:
    problems = [Problem("a", "p", "\\frac{1}{2}"), Problem("b", "q", "\\foo{3}"), Problem("c", "r", "B")]
    (fault,) = faulty_golds(problems)
    assert (fault.problem_id, fault.gold, fault.outcome) == ("b", "\\foo{3}", "unscorable")
    assert "\\foo" in fault.message


@pytest.mark.parametrize("name", ["gsm8k", "math"])
def test_every_published_gold_verifies_against_itself(name: str) -> None:
    if not (DATA / name).is_dir():
        pytest.skip(f"the shared data folder {DATA / name} is not present")
    problems = load_problem_set(f"{name}:path={DATA / name}")
    assert faulty_golds([*problems.train_problems(1_500, 0), *problems.heldout_problems(1_500)]) == []
