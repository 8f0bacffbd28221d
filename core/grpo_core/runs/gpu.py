"""Is there room on the GPU for a playground beside a training? Asked of nvidia-smi, so that no screen holds CUDA."""

from __future__ import annotations

import functools
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from grpo_core.errors import GrpoDashError
from grpo_core.runs.folder import RunFolder, list_run_folders
from grpo_core.runs.footprint import gibibytes, weights_bytes
from grpo_core.runs.status import ALIVE, summarise
from grpo_core.store.questions import Subject

_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class GpuConflict:
    """Run `run` holds the GPU. `needed_bytes` is what loading takes, None if it cannot be known before; `sentence`
    says it all, with the two ways out."""

    run: str
    needed_bytes: int | None
    free_bytes: int
    sentence: str


def gpu_conflict(runs_dir: Path, subject: Subject) -> GpuConflict | None:
    """What is in the way of loading this subject; None without a GPU, or where no run is on it."""
    free = free_gpu_bytes()
    run = run_on_gpu(runs_dir) if free is not None else None
    if free is None or run is None:
        return None
    needed = loading_bytes(subject, runs_dir)
    size = "an unknown amount" if needed is None else f"about {gibibytes(needed)}"
    sentence = (
        f"{run.id} is on the GPU, which has {gibibytes(free)} free; loading {subject.label} takes {size}. "
        f"Let the trainer answer at its next step, or suspend the run first."
    )
    return GpuConflict(run.id, needed, free, sentence)


def run_on_gpu(runs_dir: Path) -> RunFolder | None:
    """The newest living run whose trainer says that it is on a GPU."""
    return next((folder for folder in list_run_folders(runs_dir) if _is_on_gpu(folder)), None)


def free_gpu_bytes() -> int | None:
    """Free memory of the emptiest GPU; None without one."""
    return max(_memory("free"), default=None)


def total_gpu_bytes() -> int | None:
    """All memory of the largest GPU; None without one."""
    return max(_memory("total"), default=None)


def _memory(which: Literal["free", "total"]) -> list[int]:
    """Bytes by GPU, as nvidia-smi says it."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    command = [program, f"--query-gpu=memory.{which}", "--format=csv,noheader,nounits"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    return [int(line) * 1024**2 for line in said.split() if line.isdigit()]


@functools.cache
def has_gpu() -> bool:
    """Is there a GPU's driver? Without starting anything."""
    return Path("/proc/driver/nvidia/gpus").is_dir() or shutil.which("nvidia-smi") is not None


def loading_bytes(subject: Subject, runs_dir: Path) -> int | None:
    """The size of a subject's safetensors, an adapter's base included; None for what is not on this machine."""
    own = weights_bytes(subject.path)
    if own is None or not subject.adapter or subject.run is None:
        return own
    base = weights_bytes(RunFolder(runs_dir / subject.run).config().model)
    return None if base is None else base + own


def _is_on_gpu(folder: RunFolder) -> bool:
    try:
        if summarise(folder).status not in ALIVE:
            return False
        reader = folder.reader()
    except GrpoDashError:
        return False
    try:
        return str(reader.facts().get("device") or "").startswith("cuda")
    finally:
        reader.close()
