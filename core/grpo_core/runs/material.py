"""What a run trains and is evaluated on, and how it is asked: decided by its configuration before anything loads.

No question is in both, checked by text; worked examples come from the training part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from grpo_core.config import RunConfig
from grpo_core.errors import EvalDatasetError, ProblemsError
from grpo_core.problems import ProblemSet, file_of, load_problem_set
from grpo_core.problems.parts import MANY, WithoutHeldout, part_of, split_part
from grpo_core.problems.prompting import Prompting, choose_examples
from grpo_core.problems.split import normal_text
from grpo_core.runs.folder import RunFolder
from grpo_core.types import Problem

MOST_PROBLEMS = 50_000
"""Training problems that are made ahead; a longer run sees them again."""


@dataclass(frozen=True, slots=True)
class Material:
    """`heldout` has the problems of an evaluation. `note` says in a sentence what was left out; empty for nothing."""

    train: ProblemSet
    heldout: tuple[Problem, ...]
    prompting: Prompting
    note: str


def load_material(config: RunConfig) -> Material:
    """Raises ProblemsError with what is missing, unreadable, empty or overlapping (EvalDatasetError, if that is it)."""
    files = tuple(_stamp(spec) for spec in (config.problems, config.eval_dataset))
    return _load(config.model_dump_json(), files)


def training_count(config: RunConfig) -> int:
    """Problems that the run draws (with those it draws again)."""
    return min(config.max_steps * config.prompts_per_step, MOST_PROBLEMS)


def problems_to_evaluate(spec: str, count: int, trained_on: str) -> list[Problem]:
    """At most `count` problems that `spec` names: its named part, else what it holds out; a file that is not the one
    trained on is taken whole."""
    plain, part = split_part(spec)
    file, trained_file = file_of(plain), file_of(split_part(trained_on)[0])
    found = part_of(load_problem_set(plain), part or ("all" if file and file != trained_file else "test"), count)
    if not found:
        raise ProblemsError(f"{spec} has no problem to evaluate on.")
    return found


def load_prompting(config: RunConfig) -> Prompting:
    """How the run asks; the problems are read only where worked examples are taken from them."""
    if config.num_few_shot:
        return load_material(config).prompting
    return Prompting(config.system_prompt, config.prompt_template)


def seen_in_training(problems: Sequence[Problem], run: RunFolder, step: int) -> list[Problem]:
    """Those that the run trained on up to this step, by their text, as its own record says."""
    reader = run.reader()
    try:
        known = {normal_text(prompt) for prompt in reader.trained_prompts(step)}
    finally:
        reader.close()
    return [problem for problem in problems if normal_text(problem.prompt) in known]


@lru_cache(maxsize=2)
def _load(settings: str, files: tuple[int, ...]) -> Material:
    """Remembered, since several checks ask for it, until a file is written anew."""
    config = RunConfig.model_validate_json(settings)
    problems = load_problem_set(config.problems)
    train: ProblemSet = problems
    heldout, note = problems.heldout_problems(config.eval_problems), problems.overlap
    if config.eval_dataset:
        apart = _eval_dataset(config)
        train = without = WithoutHeldout(problems, apart)
        heldout = apart[: config.eval_problems]
        count = without.left_out(training_count(config), config.seed)
        note = _overlap_note(count, config) if count else note
    if not train.train_problems(1, config.seed):
        raise ProblemsError(f"{config.problems} has no problem to train on ({len(heldout)} held out).")
    examples = choose_examples(train, config.num_few_shot, config.seed)
    prompting = Prompting(config.system_prompt, config.prompt_template, examples, config.num_few_shot)
    return Material(train, tuple(heldout), prompting, note)


def _eval_dataset(config: RunConfig) -> list[Problem]:
    try:
        return problems_to_evaluate(config.eval_dataset, MANY, config.problems)
    except ProblemsError as error:
        raise EvalDatasetError(str(error)) from error


def _overlap_note(count: int, config: RunConfig) -> str:
    are = "problem of {} is a problem" if count == 1 else "problems of {} are problems"
    return f"{count} {are.format(config.problems)} of {config.eval_dataset} too, by their text: not trained on."


def _stamp(spec: str) -> int:
    """When a file was last written; 0 for what is none."""
    file = file_of(split_part(spec)[0])
    path = Path(file).expanduser() if file else None
    return path.stat().st_mtime_ns if path and path.is_file() else 0
