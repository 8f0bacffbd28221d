"""What can be questioned: every run's whole checkpoints, what it began with, and the embedded model."""

from __future__ import annotations

from pathlib import Path

from grpo_core.config import EMBEDDED_MODEL, RunConfig, model_folder
from grpo_core.errors import GrpoDashError
from grpo_core.runs.checkpoints import complete_checkpoints, step_of
from grpo_core.runs.folder import RunFolder, list_run_folders
from grpo_core.store.questions import Question, Subject

ADAPTER_FILE = "adapter_config.json"


def list_subjects(runs_dir: Path) -> list[Subject]:
    """Newest first: each run's checkpoints, then its base; the embedded model last. A run that cannot be read is
    left out."""
    found = [subject for folder in list_run_folders(runs_dir) for subject in subjects_of(folder)]
    return [*found, Subject("embedded model", EMBEDDED_MODEL)]


def subjects_of(folder: RunFolder) -> list[Subject]:
    """One run's checkpoints, newest first, and its base."""
    try:
        config = folder.config()
    except GrpoDashError:
        return []
    found = [_checkpoint(folder, config, path) for path in complete_checkpoints(folder.checkpoints)]
    base = Subject(f"{folder.id} · base ({config.model})", config.model, folder.id, config.name, 0)
    return [*found, base]


def subject_at(path: str) -> Subject:
    """Any model: a folder, a checkpoint's folder (the run it is of is found), a hub name or `embedded`."""
    folder = model_folder(path)
    if folder is None or path == EMBEDDED_MODEL:
        return Subject(path, path)
    run = RunFolder(folder.parent.parent)
    for subject in subjects_of(run) if run.config_file.is_file() else ():
        if Path(subject.path) == folder:
            return subject
    return Subject(path, path, adapter=(folder / ADAPTER_FILE).is_file())


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
    )


def _checkpoint(folder: RunFolder, config: RunConfig, path: Path) -> Subject:
    step = step_of(path)
    adapter = (path / ADAPTER_FILE).is_file()
    return Subject(f"{folder.id} · step {step}", str(path), folder.id, config.name, step, adapter)
