"""`evaluate`: a model, a checkpoint or a run's newest one on held-out problems; stored, and told as words or JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from transformers.utils.logging import disable_progress_bar

from grpo_core.config import RunConfig
from grpo_core.engine.adapters import load_subject
from grpo_core.engine.evaluate import EvaluationPlan, EvaluationResult, evaluate_policy
from grpo_core.engine.progress import ProgressBar
from grpo_core.oracle import JudgePool
from grpo_core.paths import runs_dir
from grpo_core.problems import load_problem_set
from grpo_core.rewards import Scorer
from grpo_core.runs import RunFolder
from grpo_core.runs.evaluations import create_evaluation, evaluation_ended
from grpo_core.runs.subjects import config_of, find_subject
from grpo_core.store.questions import Subject
from grpo_core.types import Group, Problem
from grpo_core.views.evaluation import plain_evaluation


def evaluate_command(options: argparse.Namespace) -> int:
    """Evaluate `options.subject`; 0 when done. Raises GrpoDashError with what is missing."""
    disable_progress_bar()
    place = runs_dir(options.runs_dir)
    subject = find_subject(place, options.subject)
    config = _config(config_of(subject), options)
    problems = load_problem_set(config.problems).heldout_problems(config.eval_problems)
    folder = create_evaluation(place, subject, config)
    result = _evaluate(folder, subject, config, problems, options.batch_size)
    said = {**result.evaluation.to_json(), "run": folder.id, "subject": subject.label, "problems": config.problems}
    print(json.dumps(said) if options.json else _describe(folder, subject, config, result))  # noqa: T201
    return 0


def _config(trained: RunConfig, options: argparse.Namespace) -> RunConfig:
    """How the subject's run trains, but for what the command line says."""
    return trained.model_copy(
        update={
            "problems": options.problems or trained.problems,
            "eval_problems": options.n,
            "eval_generations": options.k,
            "temperature": options.temperature,
            "max_completion_length": options.max_completion_length or trained.max_completion_length,
            "seed": options.seed,
        }
    )


def _evaluate(
    folder: RunFolder, subject: Subject, config: RunConfig, problems: Sequence[Problem], batch_size: int
) -> EvaluationResult:
    """Every completion is stored as soon as it is judged."""
    plan = EvaluationPlan(
        problems=tuple(problems),
        k=config.eval_generations,
        temperature=config.temperature,
        max_completion_length=config.max_completion_length,
        system_prompt=config.system_prompt,
        seed=config.seed,
        batch_size=batch_size,
    )
    policy = load_subject(subject.path)
    writer = folder.writer()

    def keep(groups: Sequence[Group]) -> None:
        writer.add_groups(groups)

    try:
        with JudgePool() as pool:
            bar = ProgressBar(sys.stderr, "completions")
            result = evaluate_policy(
                policy, Scorer(pool), plan, step=subject.step or 0, on_progress=bar, on_groups=keep
            )
        writer.add_evaluation(result.evaluation)
        writer.set_facts(evaluation_ended())
    finally:
        writer.close()
    return result


def _describe(folder: RunFolder, subject: Subject, config: RunConfig, result: EvaluationResult) -> str:
    found = result.evaluation
    return "\n".join(
        [
            f"{subject.label} on {config.problems}: {found.n} held-out problems × {found.k} samples at temperature "
            f"{found.temperature:g}",
            plain_evaluation(found.to_json()),
            "",
            f"Every completion: grpo-dash show {folder.id}   Against another: grpo-dash compare {folder.id} OTHER",
        ]
    )
