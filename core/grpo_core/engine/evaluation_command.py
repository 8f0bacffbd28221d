"""`evaluate`: a model, a checkpoint or a run's newest one on held-out problems, as words or as JSON."""

from __future__ import annotations

import argparse
import json
import sys

from grpo_core.engine.adapters import load_subject
from grpo_core.engine.evaluate import EvaluationPlan, evaluate_policy
from grpo_core.oracle import JudgePool
from grpo_core.paths import runs_dir
from grpo_core.problems import load_problem_set
from grpo_core.rewards import Scorer
from grpo_core.runs.subjects import config_of, find_subject
from grpo_core.types import Evaluation


def evaluate_command(options: argparse.Namespace) -> int:
    """Evaluate `options.subject`; 0 when done. Raises GrpoDashError with what is missing."""
    subject = find_subject(runs_dir(options.runs_dir), options.subject)
    config = config_of(subject)
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
        result = evaluate_policy(
            load_subject(subject.path), Scorer(pool), plan, step=subject.step or 0, on_progress=show_progress
        )
    print(json.dumps(result.evaluation.to_json()) if options.json else describe(result.evaluation))  # noqa: T201
    return 0


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
