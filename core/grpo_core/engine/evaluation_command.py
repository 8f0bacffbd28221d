"""`evaluate`: a model, a checkpoint or a run's newest one on held-out problems, as words or as JSON."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from grpo_core.config import RunConfig
from grpo_core.engine.evaluate import EvaluationPlan, evaluate_policy
from grpo_core.engine.policy import load_policy, model_path
from grpo_core.errors import RunError
from grpo_core.oracle import JudgePool
from grpo_core.paths import runs_dir
from grpo_core.problems import load_problem_set
from grpo_core.rewards import Scorer
from grpo_core.runs import RunFolder, find_run
from grpo_core.runs.checkpoints import checkpoints_of
from grpo_core.types import Evaluation


def evaluate_command(options: argparse.Namespace) -> int:
    """Evaluate `options.subject`; 0 when done. Raises GrpoDashError with what is missing."""
    path, step, config = find_subject(options.subject, options.runs_dir)
    problems = load_problem_set(options.problems or config.problems).heldout_problems(options.n)
    plan = EvaluationPlan(
        problems=tuple(problems),
        k=options.k,
        temperature=options.temperature,
        max_completion_length=options.max_completion_length or config.max_completion_length,
        system_prompt=config.system_prompt,
        seed=options.seed,
    )
    with JudgePool() as pool:
        result = evaluate_policy(load_policy(path), Scorer(pool), plan, step=step, on_progress=show_progress)
    print(json.dumps(result.evaluation.to_json()) if options.json else describe(result.evaluation))  # noqa: T201
    return 0


def find_subject(subject: str, named_runs_dir: str | None) -> tuple[str, int, RunConfig]:
    """The folder to load, the step it is of (0 for a model as it is), and the configuration it was trained with."""
    folder = Path(model_path(subject))
    if folder.is_dir():
        return str(folder), _step_of(folder), _config_beside(folder)
    run = find_run(runs_dir(named_runs_dir), subject)
    complete = [checkpoint for checkpoint in checkpoints_of(run) if checkpoint["complete"]]
    if not complete:
        raise RunError(f"{run.id} has no complete checkpoint yet.")
    return complete[0]["path"], complete[0]["step"], run.config()


def _step_of(folder: Path) -> int:
    number = folder.name.removeprefix("checkpoint-")
    return int(number) if number.isdigit() else 0


def _config_beside(folder: Path) -> RunConfig:
    """A checkpoint lies in RUN/checkpoints/; anything else gets the defaults."""
    run = RunFolder(folder.resolve().parent.parent)
    return run.config() if run.config_file.is_file() else RunConfig()


def show_progress(done: int, total: int) -> None:
    end = "\n" if done == total else ""
    sys.stderr.write(f"\r{done} of {total} completions{end}")
    sys.stderr.flush()


def describe(evaluation: Evaluation) -> str:
    low, high = evaluation.ci95
    greedy = "—" if evaluation.greedy is None else f"{evaluation.greedy:.3f}"
    majority = "—" if evaluation.maj_at_k is None else f"{evaluation.maj_at_k:.3f}"
    return (
        f"step {evaluation.step}: {evaluation.n} held-out problems × {evaluation.k} samples at temperature "
        f"{evaluation.temperature:g}\n"
        f"  greedy   {greedy}\n"
        f"  pass@1   {evaluation.pass_at_1:.3f}   95 % interval {low:.3f} to {high:.3f}\n"
        f"  pass@{evaluation.k:<3} {evaluation.pass_at_k:.3f}\n"
        f"  maj@{evaluation.k:<4} {majority}"
    )
