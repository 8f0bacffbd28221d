"""The checkpoints of a run: complete or absent. A manifest, written last, names every file with its size and hash."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from grpo_core.runs.folder import RunFolder
from grpo_core.types import Json

MANIFEST = "manifest.json"
_PREFIX = "checkpoint-"


def checkpoints_of(folder: RunFolder) -> list[Json]:
    """Every checkpoint, newest first: step, path, and whether its manifest is there (`verify_checkpoint` reads all)."""
    return [
        {"step": step_of(path), "path": str(path), "complete": (path / MANIFEST).is_file()}
        for path in _checkpoint_folders(folder.checkpoints)
    ]


def complete_checkpoints(folder: Path) -> list[Path]:
    """Those with a manifest, newest first."""
    return [path for path in _checkpoint_folders(folder) if (path / MANIFEST).is_file()]


def step_of(checkpoint: Path) -> int:
    return int(checkpoint.name.removeprefix(_PREFIX))


def newest_sound_checkpoint(folder: RunFolder, *, bytes_too: bool = True) -> tuple[Path | None, list[str]]:
    """The newest checkpoint that is as its manifest says (`verify_checkpoint`), and what is wrong with newer ones."""
    complaints: list[str] = []
    for path in _checkpoint_folders(folder.checkpoints):
        damage = verify_checkpoint(path, bytes_too=bytes_too)
        if damage is None:
            return path, complaints
        complaints.append(f"{path.name} {damage}")
    return None, complaints


def write_manifest(folder: Path, step: int, place: Json | None = None) -> None:
    """Name every file of a checkpoint, and what it was made on (`exactness.Place`); whole or not at all."""
    files = {
        str(path.relative_to(folder)): {"bytes": path.stat().st_size, "sha256": _digest(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }
    temporary = folder / f"{MANIFEST}.new"
    temporary.write_text(json.dumps({"step": step, "made_on": place, "files": files}, indent=1))
    temporary.replace(folder / MANIFEST)


def made_on(folder: Path) -> Json | None:
    """What the checkpoint was made on, if its manifest says so."""
    try:
        found = json.loads((folder / MANIFEST).read_text()).get("made_on")
    except (OSError, ValueError, AttributeError):
        return None
    return found if isinstance(found, dict) else None


def verify_checkpoint(folder: Path, *, bytes_too: bool = True) -> str | None:
    """None if it is whole; else what is wrong, as the end of a sentence that begins with its name. Without
    `bytes_too` no file is read but the manifest: their sizes have to do."""
    try:
        files = _files_named(folder)
    except FileNotFoundError:
        return "was not finished: it has no manifest"
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "is damaged: its manifest cannot be read"
    for name, (size, digest) in files.items():
        path = folder / name
        if not path.is_file():
            return f"is damaged: {name} is missing"
        if path.stat().st_size != size or (bytes_too and _digest(path) != digest):
            return f"is damaged: {name} is not what was written"
    return None


def _files_named(folder: Path) -> dict[str, tuple[int, str]]:
    """The size and the hash of every file that the manifest names; raises ValueError and its like if it is none."""
    named = json.loads((folder / MANIFEST).read_text())["files"]
    if not named:
        raise ValueError("it names no file")
    return {str(name): (int(each["bytes"]), str(each["sha256"])) for name, each in named.items()}


def _checkpoint_folders(folder: Path) -> list[Path]:
    found = [path for path in folder.glob(f"{_PREFIX}*") if path.name.removeprefix(_PREFIX).isdecimal()]
    return sorted(found, key=lambda path: -step_of(path))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
