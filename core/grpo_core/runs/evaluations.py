"""Evaluations on demand, each a run of its own: its groups are browsed, shown and compared like any other's.

It trains nothing and takes no commands; its step is that of the weights that were evaluated.
"""

from __future__ import annotations

import os
import time
from dataclasses import asdict
from pathlib import Path

from grpo_core.config import RunConfig
from grpo_core.errors import GrpoDashError
from grpo_core.runs.folder import RunFolder, create_run
from grpo_core.runs.portable import with_absolute_paths
from grpo_core.runs.process import identify
from grpo_core.store.questions import Subject
from grpo_core.types import Json

KIND = "evaluation"


def create_evaluation(runs_dir: Path, subject: Subject, config: RunConfig) -> RunFolder:
    """The folder of an evaluation that this process is about to make; `config` says how it samples what."""
    of = subject.run or Path(subject.path).name
    step = f" step {subject.step}" if subject.step is not None else ""
    made = config.model_copy(update={"name": f"eval {of}{step}", "model": subject.path})
    folder = create_run(runs_dir, with_absolute_paths(made))
    writer = folder.writer()
    writer.set_facts(
        {
            "kind": KIND,
            "subject": subject.to_json(),
            "model": subject.label,
            "objective": KIND,
            "backend": config.backend,
            "step": subject.step or 0,
            "max_steps": subject.step or 0,
            "phase": "evaluate",
            "started_at": time.time(),
            "watched": asdict(identify(os.getpid())),
        }
    )
    writer.close()
    return folder


def evaluation_ended() -> Json:
    """The facts of one that is whole."""
    return {"finished": True, "phase": None, "updated_at": time.time()}


def is_evaluation(folder: RunFolder) -> bool:
    """Is this run an evaluation on demand? False for what cannot be read."""
    try:
        reader = folder.reader()
    except GrpoDashError:
        return False
    try:
        return reader.facts().get("kind") == KIND
    finally:
        reader.close()
