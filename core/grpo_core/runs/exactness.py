"""Can a resumed run equal the uninterrupted one bit for bit? Said before it starts, wherever it may not.

A checkpoint's manifest says what it was made on; that is compared with this machine, which loads no torch for it.
"""

from __future__ import annotations

import functools
import importlib.metadata
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from grpo_core.errors import GrpoDashError
from grpo_core.runs.backends import usable_gpu
from grpo_core.runs.checkpoints import made_on, newest_sound_checkpoint
from grpo_core.runs.folder import RunFolder
from grpo_core.types import Json

PACKAGES = ("torch", "transformers", "trl", "peft", "accelerate", "unsloth", "unsloth_zoo", "vllm")
"""Those whose code decides a training's numbers."""
GPU_DOUBT = (
    "On a GPU a resumed run may not equal the uninterrupted one bit for bit: its kernels add up in no fixed order, "
    "and a last digit can change which token is sampled."
)


@dataclass(frozen=True, slots=True)
class Place:
    """What a training ran on. `device` is `cpu` or `cuda`; `cores` those from which torch chose its threads, None where
    the run names a number. What is unknown is None (a package: not named)."""

    device: str | None
    processor: str | None
    cores: int | None
    packages: Mapping[str, str]

    def to_json(self) -> Json:
        return {**asdict(self), "packages": dict(self.packages)}

    @classmethod
    def from_json(cls, data: Json) -> Place:
        return cls(data.get("device"), data.get("processor"), data.get("cores"), data.get("packages") or {})


def doubts_of_resume(folder: RunFolder) -> tuple[str, ...]:
    """Why a resume from the newest checkpoint may not be exact, a sentence each; empty where it is, and where there is
    no checkpoint. Cheap: weights are not read."""
    newest, _ = newest_sound_checkpoint(folder, bytes_too=False)
    if newest is None:
        return ()
    return doubts(Place.from_json(made_on(newest) or _place_of_facts(folder)), this_place())


def doubts(before: Place, here: Place) -> tuple[str, ...]:
    """What of `here` may give other last digits than `before`; what is unknown is not doubted."""
    changes = [
        ("device", before.device, here.device),
        ("processor", before.processor, here.processor),
        ("number of cores", before.cores, here.cores),
        *((name, before.packages.get(name), here.packages.get(name)) for name in PACKAGES),
    ]
    changed = [f"{what} {was}, here {is_}" for what, was, is_ in changes if None not in (was, is_) and was != is_]
    gpu = [GPU_DOUBT] if "cuda" in (before.device, here.device) else []
    other = f"The checkpoint was made elsewhere ({'; '.join(changed)}): the last digits may differ from there on."
    return tuple([*gpu, other] if changed else gpu)


def this_place(device: str | None = None) -> Place:
    """Here, as a trainer finds it (or is, on `device`)."""
    return Place(device or ("cuda" if usable_gpu() else "cpu"), processor(), available_cores(), installed_packages())


def available_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@functools.cache
def installed_packages() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


@functools.cache
def processor() -> str | None:
    """What the processor calls itself: another kind may add up in another order."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, None) or platform.processor() or platform.machine() or None


def _place_of_facts(folder: RunFolder) -> Json:
    """For a checkpoint whose manifest does not say it: what the run's last trainer told."""
    try:
        reader = folder.reader()
    except GrpoDashError:
        return {}
    try:
        facts: dict[str, Any] = reader.facts()
    finally:
        reader.close()
    device = str(facts.get("device") or "").partition(":")[0]
    return {"device": device or None, "packages": facts.get("versions")}
