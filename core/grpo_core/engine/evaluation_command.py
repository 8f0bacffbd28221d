"""`evaluate`: a model, a checkpoint or a run's newest one on held-out problems; stored, and told as words or JSON.

What cannot work is said before a run is made for it and before torch is imported, which takes much the longest.
"""

from __future__ import annotations

import argparse
import json
import sys

from grpo_core.config import RunConfig, load_config, load_preset
from grpo_core.errors import ConfigError, ProblemsError
from grpo_core.paths import runs_dir
from grpo_core.problems.parts import split_part
from grpo_core.runs import RunFolder
from grpo_core.runs.evaluations import create_evaluation
from grpo_core.runs.golds import golds_error
from grpo_core.runs.material import load_prompting, problems_to_evaluate, seen_in_training
from grpo_core.runs.model_files import model_error
from grpo_core.runs.subjects import find_subject, run_of
from grpo_core.store.questions import Subject
from grpo_core.types import Json, Problem
from grpo_core.views.evaluation import plain_evaluation

INTERRUPTED = 130


def evaluate_command(options: argparse.Namespace) -> int:
    """Evaluate `options.subject`; 0 when done, 130 if it was interrupted, which keeps what was judged. Raises
    GrpoDashError with what is missing."""
    place = runs_dir(options.runs_dir)
    subject = find_subject(place, options.subject)
    if not subject.adapter and (wrong := model_error(subject.path)) is not None:
        raise ConfigError(wrong)
    run = run_of(place, subject)
    trained = _trained(run, options)
    config = _config(trained, options)
    problems, note = _problems(subject, run, config, trained.problems)
    if (wrong := golds_error(problems, config.problems)) is not None:
        raise ProblemsError(wrong)
    prompting = load_prompting(trained)
    from grpo_core.engine.adapters import load_subject
    from grpo_core.engine.evaluate import plan_of
    from grpo_core.engine.evaluation import make_evaluation

    plan = plan_of(config, problems, prompting, seed=config.seed, batch_size=options.batch_size)
    policy = load_subject(subject.path)
    folder = create_evaluation(place, subject, config)
    try:
        result = make_evaluation(folder, policy, plan, subject.step or 0)
    except KeyboardInterrupt:
        print(f"\nWhat was judged is kept: grpo-dash show {folder.id}", file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    about = {"run": folder.id, "subject": subject.label, "problems": config.problems, "note": note}
    said = {**result.evaluation.to_json(), **about}
    print(json.dumps(said) if options.json else _describe(said))  # noqa: T201
    return 0


def _trained(run: RunFolder | None, options: argparse.Namespace) -> RunConfig:
    """The settings that were asked for, else those of the subject's run, else the defaults."""
    if options.config:
        return load_config(options.config)
    if options.preset:
        return load_preset(options.preset)
    return run.config() if run else RunConfig()


def _problems(subject: Subject, run: RunFolder | None, config: RunConfig, trained_on: str) -> tuple[list[Problem], str]:
    """What to evaluate on, and a sentence on what of it the subject's run has trained on. That is left out, unless
    the training part is what was asked for."""
    found = problems_to_evaluate(config.problems, config.eval_problems, trained_on)
    seen = seen_in_training(found, run, subject.step or 0) if run else []
    if not seen:
        return found, ""
    if split_part(config.problems)[1] == "train":
        return found, f"{len(seen)} of these problems were trained on, as asked for."
    if len(seen) == len(found):
        raise ProblemsError(f"{subject.label} was trained on all of these problems: name others with --problems.")
    return [each for each in found if each not in seen], f"{len(seen)} problems that were trained on are left out."


def _config(trained: RunConfig, options: argparse.Namespace) -> RunConfig:
    """How the subject's run trains, but for what the command line says."""
    return trained.model_copy(
        update={
            "problems": options.problems or trained.eval_dataset or trained.problems,
            "eval_problems": options.n,
            "eval_generations": options.k,
            "temperature": options.temperature or trained.temperature,
            "max_completion_length": options.max_completion_length or trained.max_completion_length,
            "seed": options.seed,
        }
    )


def _describe(said: Json) -> str:
    lines = [
        f"{said['subject']} on {said['problems']}: {said['n']} problems × {said['k']} samples at temperature "
        f"{said['temperature']:g}",
        *([said["note"]] if said["note"] else []),
        plain_evaluation(said),
        "",
        f"Every completion: grpo-dash show {said['run']}   Against another: grpo-dash compare {said['run']} OTHER",
    ]
    return "\n".join(lines)
