"""Two evaluations compared over the problems that both answered: what is said, and when nothing can be."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from grpo_app.cli import main
from grpo_core.errors import BadReferenceError, RunError
from grpo_core.runs import RunFolder
from grpo_core.types import Evaluation, Problem
from grpo_core.views.comparison import Answers, compare, compare_answers, plain_comparison
from tests.samples import sample_group, write_sample_run


def answers(label: str, rights: dict[str, int], of: int = 4) -> Answers:
    return Answers(label, {(problem, "1"): Fraction(right, of) for problem, right in rights.items()}, {})


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """A run with 12 held-out problems, none of which it solves at step 0 and all at step 12."""
    folder = write_sample_run(tmp_path / "runs")
    writer = folder.writer()
    number = writer.next_group_id()
    for step, right in ((0, False), (12, True)):
        problems = [Problem(f"p{i}", f"Problem {i}", "52") for i in range(12)]
        groups = [sample_group(number + i, step, [right] * 4, each, "eval") for i, each in enumerate(problems)]
        writer.add_groups(groups)
        number += len(groups)
    writer.add_evaluation(Evaluation(0, 12, 4, None, 0.0, (0.0, 0.3), 0.0, 0.0))
    writer.close()
    return folder


def test_only_problems_that_both_answered_count() -> None:
    found = compare_answers(answers("a", {"x": 4, "y": 1, "only a": 4}), answers("b", {"x": 2, "y": 1, "z": 0, "w": 0}))
    (measure,) = found.measures
    assert (measure.first, measure.second, measure.test.n) == (0.625, 0.375, 2)
    assert (found.only_first, found.only_second) == (1, 2)
    assert (measure.test.wins, measure.test.losses) == (0, 1)


def test_what_is_noise_is_called_so() -> None:
    few = compare_answers(answers("a", dict.fromkeys("xyz", 0)), answers("b", dict.fromkeys("xyz", 4)))
    assert few.measures[0].is_noise, "three problems, all better: p = 0.25"
    assert "No difference that can be told from noise" in few.summary()[0]
    many = compare_answers(answers("a", dict.fromkeys("abcdefghij", 0)), answers("b", dict.fromkeys("abcdefghij", 1)))
    assert many.measures[0].test.p == pytest.approx(2 / 2**10)
    assert many.summary() == ["b is better than a in pass@1 on 10 problems: by 25.0 points (p = 0.0020)."]


def test_different_numbers_of_samples_are_comparable() -> None:
    found = compare_answers(answers("a", {"x": 1, "y": 2}, of=4), answers("b", {"x": 2, "y": 3}, of=6))
    assert found.measures[0].test.difference == pytest.approx((1 / 3 - 1 / 4) / 2)


def test_a_runs_own_evaluations_are_compared(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    runs_dir = folder.path.parent
    found = compare(runs_dir, f"{folder.id}/step/0", folder.id)
    assert found.second == f"{folder.id}/step/12"
    assert found.to_json()["measures"][0]["p"] == pytest.approx(2 / 2**12)
    assert "B better on 12, worse on 0 of 12" in plain_comparison(found)
    assert main(["compare", f"{folder.id}/step/0", folder.id, "--runs-dir", str(runs_dir)]) == 0
    assert "is better than" in capsys.readouterr().out


def test_what_cannot_be_compared_says_why(folder: RunFolder) -> None:
    runs_dir = folder.path.parent
    with pytest.raises(BadReferenceError, match="no evaluation at step 3"):
        compare(runs_dir, f"{folder.id}/step/3", folder.id)
    with pytest.raises(RunError, match="no problem in common"):
        compare_answers(answers("a", {"x": 1}), answers("b", {"y": 1}))
