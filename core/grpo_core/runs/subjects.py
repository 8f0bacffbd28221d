"""What can be questioned, evaluated and exported: every run's whole checkpoints, what it began with, any model."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from grpo_core.config import EMBEDDED_MODEL, HUB_NAME, RunConfig, model_folder
from grpo_core.errors import GrpoDashError, RunError
from grpo_core.runs.checkpoints import complete_checkpoints, step_of
from grpo_core.runs.evaluations import is_evaluation
from grpo_core.runs.folder import RUN_ID, RunFolder, find_run, list_run_folders
from grpo_core.runs.material import load_prompting
from grpo_core.store.questions import Question, Subject
from grpo_core.types import Problem

ADAPTER_FILE = "adapter_config.json"
_CHECKPOINT = re.compile(rf"(?P<run>{RUN_ID.pattern})(?:/step/(?P<step>\d{{1,9}}))?")


def list_subjects(runs_dir: Path) -> list[Subject]:
    """Newest first: each run's checkpoints, then its base; the embedded model last. A run that cannot be read is
    left out."""
    found = [subject for folder in list_run_folders(runs_dir) for subject in subjects_of(folder)]
    return [*found, Subject("embedded model", EMBEDDED_MODEL)]


def subjects_of(folder: RunFolder) -> list[Subject]:
    """One run's checkpoints, newest first, and its base; nothing of an evaluation, which made none."""
    try:
        config = folder.config()
    except GrpoDashError:
        return []
    if is_evaluation(folder):
        return []
    found = [_checkpoint(folder, config, path) for path in complete_checkpoints(folder.checkpoints)]
    base = Subject(f"{folder.id} · base ({config.model})", config.model, folder.id, config.name, 0)
    return [*found, base]


def subject_at(path: str) -> Subject:
    """Any model: a folder, a checkpoint's folder (the run it is of is found), a hub name or `embedded`. A folder's path
    is made whole: whoever loads it may be somewhere else."""
    named = model_folder(path)
    if named is None or path == EMBEDDED_MODEL:
        return Subject(path, path)
    folder = named.resolve()
    run = RunFolder(folder.parent.parent)
    for subject in subjects_of(run) if run.config_file.is_file() else ():
        if Path(subject.path).resolve() == folder:
            return subject
    return Subject(path, str(folder), adapter=(folder / ADAPTER_FILE).is_file())


def find_subject(runs_dir: Path, text: str) -> Subject:
    """What a person named: a folder, `embedded`, a run (its newest whole checkpoint), `RUN/step/N` (0 is what it began
    with), or a hub name.

    Raises RunError with what there is.
    """
    if model_folder(text):
        return subject_at(text)
    match = _CHECKPOINT.fullmatch(text)
    if match is None and HUB_NAME.fullmatch(text):
        return subject_at(text)
    run = find_run(runs_dir, match["run"] if match else text)
    step = int(match["step"]) if match and match["step"] else None
    found = [each for each in subjects_of(run) if (each.step == step if step is not None else each.step)]
    if not found:
        steps = ", ".join(str(step_of(path)) for path in complete_checkpoints(run.checkpoints)) or "none yet"
        raise RunError(f"There is no whole checkpoint at {text} (at step: {steps}).")
    return found[0]


def run_of(runs_dir: Path, subject: Subject) -> RunFolder | None:
    """The run that the subject is a checkpoint or the base of, if it is of one."""
    folder = model_folder(subject.path)
    places = [RunFolder(folder.resolve().parent.parent)] if folder else []
    places += [RunFolder(runs_dir / subject.run)] if subject.run else []
    return next((run for run in places if run.config_file.is_file()), None)


def default_question(runs_dir: Path, subject: Subject) -> Question:
    """An empty question with the settings that the subject's run trains with."""
    folder = RunFolder(runs_dir / subject.run) if subject.run else None
    config = folder.config() if folder and folder.config_file.is_file() else RunConfig()
    return Question(
        subject,
        prompt="",
        system_prompt=config.system_prompt,
        temperature=config.temperature,
        top_p=config.top_p,
        max_completion_length=config.max_completion_length,
        prompt_template=config.prompt_template,
    )


def asked_as_trained(runs_dir: Path, question: Question) -> Question:
    """The question in the template of the run that its weights are of, after that run's worked examples; as it is, for
    weights of no run. Raises ProblemsError where the examples are to be had no more."""
    run = run_of(runs_dir, question.subject)
    if run is None:
        return question
    prompting = load_prompting(run.config())
    problem = Problem("playground", question.prompt, question.gold)
    return replace(question, prompt_template=prompting.template, examples=prompting.shown(problem))


def _checkpoint(folder: RunFolder, config: RunConfig, path: Path) -> Subject:
    step = step_of(path)
    adapter = (path / ADAPTER_FILE).is_file()
    return Subject(f"{folder.id} · step {step}", str(path), folder.id, config.name, step, adapter)
