"""Capture, objectives, controls, resume, checkpoints, adapters, token feed and `watch`, whichever backend trains."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from grpo_core.objective import grpo_advantages, rank_weights
from grpo_core.paths import assets_dir
from grpo_core.runs import RunFolder, find_run, list_run_folders, summarise
from grpo_core.runs.checkpoints import complete_checkpoints, step_of, verify_checkpoint
from grpo_core.runs.control import resume_run
from grpo_core.store import ControlDb, LiveFeedReader
from grpo_core.store.control import CommandKind
from grpo_core.store.questions import Question, Subject
from grpo_core.types import Group
from tests.contract.conftest import BACKEND, StartRun, TrainRun, log_end, wait_for

pytestmark = pytest.mark.training
SCRIPT = Path(__file__).parents[1] / "end_to_end" / "plain_trl_script.py"


def facts_of(folder: RunFolder) -> dict[str, Any]:
    reader = folder.reader()
    try:
        return reader.facts()
    finally:
        reader.close()


def trained_groups(folder: RunFolder) -> list[Group]:
    reader = folder.reader()
    try:
        return [group for group in reader.groups(1000) if group.split == "train" and not group.superseded]
    finally:
        reader.close()


def test_what_really_trains_is_on_record(trained: RunFolder) -> None:
    facts = facts_of(trained)
    assert facts["backend"] == BACKEND == trained.config().backend
    assert facts["trainer_class"].endswith("GRPOTrainer")
    if BACKEND == "unsloth":
        assert facts["versions"]["unsloth"]
        patched = facts["trainer_class"].startswith("Unsloth")
        assert patched or any("plain TRL" in note or "TRL's own" in note for note in facts["notes"])


def test_groups_are_captured_with_what_entered_the_loss(trained: RunFolder) -> None:
    reader = trained.reader()
    metrics, evaluated = reader.metrics_since(), [each.step for each in reader.evaluations_since()]
    reader.close()
    groups = trained_groups(trained)
    assert sorted({group.step for group in groups}) == [1, 2, 3]
    assert len(groups) == 12
    assert sorted(evaluated) == [0, 3]
    for group in groups:
        rewards = [completion.reward for completion in group.completions]
        entered = [completion.advantage for completion in group.completions]
        assert entered == pytest.approx(grpo_advantages(rewards), abs=1e-5)
        for completion in group.completions:
            assert completion.verdict is not None
            assert completion.text
            assert (completion.token_count or 0) > 0
            assert (completion.mean_logprob or 1) <= 0
            if not facts_of(trained)["trainer_class"].startswith("Unsloth"):
                assert (completion.entropy or -1) >= 0
    for key in ("reward", "grad_norm", "phase/sample", "phase/update", "memory/process_gib"):
        assert [step for step, _ in metrics[key]] == [1, 2, 3], key
    assert all(norm > 0 for _, norm in metrics["grad_norm"]), "every step moves the policy"


def test_the_tokens_of_the_last_generation_were_fed_live(trained: RunFolder) -> None:
    batch = LiveFeedReader(trained.path).poll()
    assert batch is not None
    last = [group for group in trained_groups(trained) if group.step == 3]
    stored = {group.problem.id: [each.text for each in group.completions] for group in last}
    fed = {problem.id: list(streams) for problem, streams in zip(batch.problems, batch.streams, strict=True)}
    assert fed == stored


def test_rank_weights_enter_the_loss_and_a_resume_is_exact(train: TrainRun, start: StartRun) -> None:
    """Paused, asked, suspended and resumed: in the end it is the run that nobody disturbed."""
    settings = {"objective": "rank", "max_steps": 4}
    undisturbed = train(**settings)
    for group in trained_groups(undisturbed):
        rewards = [completion.reward for completion in group.completions]
        assert [each.weight for each in group.completions] == pytest.approx(rank_weights(rewards), abs=1e-5)

    folder = start(**settings)
    command(folder, "pause")
    wait_for(folder, lambda: summarise(folder).status == "paused")
    question = Question(Subject("", "the trainer"), "(12+7)*3-5", gold="52", k=2, seed=1)
    assert len(answer_of(folder, question)["completions"]) == 2
    command(folder, "suspend")
    wait_for(folder, lambda: summarise(folder).status == "suspended")
    (kept,) = complete_checkpoints(folder.checkpoints)
    assert verify_checkpoint(kept) is None
    assert step_of(kept) == summarise(folder).step < 4
    resume_run(folder, "test")
    wait_for(folder, lambda: summarise(folder).status == "finished")
    assert [group.step for group in trained_groups(folder)] == [group.step for group in trained_groups(undisturbed)]
    if facts_of(folder)["device"] == "cpu":
        ours, theirs = (complete_checkpoints(each.checkpoints)[0] for each in (folder, undisturbed))
        name = "model.safetensors"
        assert (ours / name).read_bytes() == (theirs / name).read_bytes()
        texts = [
            [each.text for group in trained_groups(run) for each in group.completions] for run in (folder, undisturbed)
        ]
        assert texts[0] == texts[1]


def texts_of(folder: RunFolder) -> list[str]:
    return [completion.text for group in trained_groups(folder) for completion in group.completions]


def command(folder: RunFolder, kind: CommandKind, arguments: dict[str, Any] | None = None) -> int:
    """Issued at once: a trainer that has not come up yet finds it waiting."""
    control = ControlDb(folder.path.parent)
    try:
        return control.issue(folder.id, kind, "test", arguments)
    finally:
        control.close()


def answer_of(folder: RunFolder, question: Question) -> dict[str, Any]:
    number = command(folder, "generate", question.to_json())
    wait_for(folder, lambda: result_of(folder, number).startswith("{"))
    return json.loads(result_of(folder, number))


def result_of(folder: RunFolder, number: int) -> str:
    control = ControlDb(folder.path.parent)
    try:
        found = control.find(number)
        return (found and found.result) or ""
    finally:
        control.close()


def test_an_adapter_is_trained_kept_merged_and_evaluated(train: TrainRun, tmp_path: Path) -> None:
    folder = train(objective="dpo", lora_r=4, max_steps=2)
    facts = facts_of(folder)
    assert 0 < facts["trained_parameters"] < facts["parameters"]
    (kept,) = complete_checkpoints(folder.checkpoints)
    assert (kept / "adapter_model.safetensors").is_file()
    grpo_dash(folder, "export-model", folder.id, "--out", str(tmp_path / "merged"))
    assert (tmp_path / "merged" / "model.safetensors").is_file()
    grpo_dash(folder, "evaluate", folder.id, "--k", "2", "--limit", "4")
    evaluated = next(each for each in list_run_folders(folder.path.parent) if each.id != folder.id)
    reader = find_run(folder.path.parent, evaluated.id).reader()
    assert len(reader.groups(100)) == 8, "a greedy answer and a group of samples for each of four problems"
    reader.close()


def grpo_dash(folder: RunFolder, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "grpo_app.cli", *arguments],
        env={**os.environ, "GRPO_DASH_RUNS_DIR": str(folder.path.parent)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_somebodys_own_script_is_watched(tmp_path: Path) -> None:
    model = assets_dir() / "models" / "habits-0.4m"
    done = subprocess.run(
        [sys.executable, *first_imports(), str(SCRIPT), str(model), str(tmp_path / "output")],
        env={**os.environ, "GRPO_DASH_RUNS_DIR": str(tmp_path / "runs")},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    (folder,) = list_run_folders(tmp_path / "runs")
    assert (summarise(folder).status, summarise(folder).groups) == ("finished", 6), log_end(folder)
    for group in trained_groups(folder):
        entered = [completion.advantage for completion in group.completions]
        assert entered == pytest.approx(grpo_advantages([each.reward for each in group.completions]), abs=1e-5)


def first_imports() -> list[str]:
    """Unsloth comes before everything else in a script of its user's."""
    if BACKEND != "unsloth":
        return []
    run = "import sys, runpy, unsloth; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    return ["-c", run]
