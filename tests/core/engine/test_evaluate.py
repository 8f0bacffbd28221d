"""Evaluating: figures counted by hand, the same seed the same evaluation, the rest of a batch no matter, all stored."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from grpo_core.engine.__main__ import main
from grpo_core.engine.evaluate import EvaluationPlan, evaluate_policy, generate_texts, inference
from grpo_core.engine.figures import summarise
from grpo_core.engine.policy import Policy, load_policy
from grpo_core.engine.progress import ProgressBar
from grpo_core.errors import RunError
from grpo_core.oracle import JudgePool
from grpo_core.problems import load_problem_set
from grpo_core.rewards import Scorer
from grpo_core.runs import find_run
from grpo_core.runs import summarise as summary_of
from grpo_core.runs.control import command_run
from grpo_core.runs.subjects import list_subjects
from grpo_core.types import Completion, Evaluation, Group, Problem, Verdict
from grpo_core.views import parse_reference, show_run
from grpo_core.views.comparison import compare
from grpo_core.views.plain import plain_run
from tests.samples import CHAIN, EXPANSION

HELDOUT = tuple(load_problem_set("generated").heldout_problems(24))
PLAN = EvaluationPlan(HELDOUT, k=2, temperature=1.0, max_completion_length=48, seed=5)


@pytest.fixture(scope="module")
def policy() -> Policy:
    torch.set_num_threads(1)
    return load_policy("embedded")


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer(JudgePool())


def group_of(answers: list[str | None], decoding: str = "sampled", problem: Problem = CHAIN) -> Group:
    """A group with these extracted answers; the gold is 52."""
    completions = [
        Completion(
            index,
            "",
            1,
            "stop",
            Verdict("no_answer" if answer is None else "correct" if answer == "52" else "wrong", answer),
        )
        for index, answer in enumerate(answers)
    ]
    return Group(1, 0, "eval", problem, tuple(completions), decoding=decoding)  # type: ignore[arg-type]


def test_the_figures_by_hand() -> None:
    hard = replace(EXPANSION, subject="algebra")
    groups = [
        group_of(["52"], "greedy"),
        group_of(["28"], "greedy", hard),
        group_of(["52", "52", "28", None]),
        group_of(["28", "28", "28", "28"], problem=hard),
    ]
    found = summarise(groups, 25, 1.0, 1.0)
    assert (found.step, found.n, found.k, found.greedy, found.pass_at_1) == (25, 2, 4, 0.5, 0.25)
    assert (found.pass_at_k, found.maj_at_k) == (0.5, 0.5)
    assert found.pass_at == pytest.approx({1: 0.25, 2: (1 - 1 / 6) / 2, 4: 0.5})
    assert 0 <= found.ci95[0] < 0.25 < found.ci95[1] <= 1
    assert [(part.name, part.n, part.greedy, part.pass_at_1) for part in found.by_level] == [
        ("chain", 1, 1.0, 0.5),
        ("expansion", 1, 0.0, 0.0),
    ]
    assert [part.name for part in found.by_subject] == ["algebra", "unknown"]
    assert Evaluation.from_json(json.loads(json.dumps(found.to_json()))) == found
    assert summarise(groups[::2], 25, 1.0, 1.0).by_level == (), "one level is no table"


def test_what_an_older_version_stored_is_read() -> None:
    old = {"step": 5, "n": 2, "k": 4, "greedy": None, "pass@1": 0.5, "ci95": [0.1, 0.9], "pass@k": 1.0, "maj@k": 0.5}
    assert Evaluation.from_json({**old, "temperature": 1.0, "seconds": 0.0}) == Evaluation(
        5, 2, 4, None, 0.5, (0.1, 0.9), 1.0, 0.5
    )


def test_the_same_seed_gives_the_same_evaluation(policy: Policy, scorer: Scorer) -> None:
    before = torch.get_rng_state()
    one, same = (evaluate_policy(policy, scorer, PLAN) for _ in range(2))
    other = evaluate_policy(policy, scorer, replace(PLAN, seed=6))
    assert torch.equal(torch.get_rng_state(), before)
    assert one.groups == same.groups
    assert replace(one.evaluation, seconds=0.0) == replace(same.evaluation, seconds=0.0)
    assert one.groups[:24] == other.groups[:24], "greedy needs no seed"
    assert one.groups[24:] != other.groups[24:]


def test_greedy_answers_do_not_depend_on_the_rest_of_the_batch(policy: Policy) -> None:
    with inference(policy.model):
        together = generate_texts(policy, HELDOUT, PLAN, "greedy")
        alone = [generate_texts(policy, [problem], PLAN, "greedy")[0] for problem in HELDOUT]
    assert together == alone


def test_progress_grows_to_the_whole(policy: Policy, scorer: Scorer) -> None:
    told: list[tuple[int, int]] = []
    kept: list[Group] = []
    result = evaluate_policy(
        policy,
        scorer,
        replace(PLAN, problems=HELDOUT[:6], batch_size=8),
        on_progress=lambda done, total: told.append((done, total)),
        on_groups=kept.extend,
    )
    assert told == sorted(told)
    assert told[-1] == (18, 18)
    assert {6, 14, 18} <= {done for done, _ in told}
    assert tuple(kept) == result.groups


def test_an_interrupted_evaluation_keeps_what_was_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def tell(bar: ProgressBar, done: int, total: int) -> None:
        if done >= 5:
            raise KeyboardInterrupt

    monkeypatch.setattr(ProgressBar, "__call__", tell)
    words = ["evaluate", "embedded", "--n", "3", "--k", "2", "--batch-size", "3", "--runs-dir", str(tmp_path)]
    assert main(words) == 130
    run_id = capsys.readouterr().err.split()[-1]
    shown = show_run(find_run(tmp_path, run_id), parse_reference(run_id), 10)
    assert (shown["run"]["status"], shown["run"]["stop_reason"], shown["evals"]) == ("finished", "stopped", [])
    assert shown["run"]["completions"] == 3
    assert "Held-out" in plain_run(shown)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["embedded", "--problems", "math:level=9"], "no level 9"),
        (["embedded", "--problems", "{bad}"], "the gold '1/0' of the problem 'Bad?' cannot be read"),
        (["{folder}"], "it has no model.safetensors"),
    ],
)
def test_what_cannot_be_evaluated_is_said_before_a_run_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    bad, folder, runs = tmp_path / "bad.jsonl", tmp_path / "model", tmp_path / "runs"
    bad.write_text(json.dumps({"prompt": "Bad?", "gold": "1/0"}))
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    named = [word.format(bad=bad, folder=folder) for word in words]
    assert main(["evaluate", *named, "--runs-dir", str(runs)]) == 1
    assert said in capsys.readouterr().err
    assert not runs.exists()


def test_what_is_wrong_is_found_without_torch() -> None:
    code = "import sys, grpo_core.engine.evaluation_command; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_evaluation_is_a_run_to_browse_and_compare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["evaluate", "embedded", "--limit", "6", "--k", "2", "--runs-dir", str(tmp_path)]
    assert main([*words, "--problems", "generated:chain", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["n"], said["k"], said["problems"], said["by_level"]) == (6, 2, "generated:chain", [])
    folder = find_run(tmp_path, said["run"])
    shown = show_run(folder, parse_reference(folder.id), 100)
    assert [shown["run"][key] for key in ("status", "objective", "groups")] == ["finished", "evaluation", 12]
    assert shown["evals"] == [{key: said[key] for key in shown["evals"][0]}]
    assert all(each["verdict"]["message"] for group in shown["groups"] for each in group["completions"])
    assert summary_of(folder).watched, "there is no trainer to command"
    assert [subject.path for subject in list_subjects(tmp_path)] == ["embedded"]
    assert "95 % interval" in plain_run(shown)
    with pytest.raises(RunError, match="is an evaluation"):
        command_run(folder, "resume", "test")

    assert main([*words, "--seed", "1"]) == 0
    table = capsys.readouterr().out
    assert "level linear" in table
    assert "95 % interval" in table
    other = next(each for each in (line.split() for line in table.splitlines()) if "show" in each)[4]
    same = compare(tmp_path, folder.id, folder.id)
    assert [(measure.test.difference, measure.test.p) for measure in same.measures] == [(0.0, 1.0)] * 2
    assert compare(tmp_path, folder.id, other).only_first > 0
