"""The checkpoints of a run, newest first."""

from __future__ import annotations

from grpo_core.runs.folder import RunFolder
from grpo_core.types import Json

MANIFEST = "manifest.json"
"""Written last: a checkpoint without it is not complete."""


def checkpoints_of(folder: RunFolder) -> list[Json]:
    found = [path for path in folder.checkpoints.glob("checkpoint-*") if path.name[11:].isdigit()]
    found.sort(key=lambda path: -int(path.name[11:]))
    return [{"step": int(path.name[11:]), "path": str(path), "complete": (path / MANIFEST).is_file()} for path in found]
