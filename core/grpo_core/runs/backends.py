"""Which backend trains a run: `unsloth` where there is one GPU and Unsloth, else `trl`; and why not the other.

Decided before the trainer starts and written into the run's settings, so that a resumed run trains as it began. Nothing
heavy is imported: a package counts as there when it can be found.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
from dataclasses import dataclass
from typing import Literal

from grpo_core.config import RunConfig
from grpo_core.runs.gpu import has_gpu

BackendName = Literal["trl", "unsloth"]
INSTALL_GPU = "install the gpu extra (`make gpu`, or pip install 'grpo-dash[gpu]')"
FORCE_CPU = "UNSLOTH_FORCE_CPU"
"""Unsloth's own variable: with 1 it runs on a CPU, where its trainer is TRL's."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The backend that `auto` means here, and one sentence why."""

    name: BackendName
    why: str


def automatic_choice() -> Choice:
    """What trains here unless a run says otherwise."""
    missing = unsloth_missing()
    if missing:
        return Choice("trl", f"TRL trains here: {missing}.")
    if os.environ.get(FORCE_CPU) == "1":
        return Choice("trl", "TRL trains here: Unsloth has no GPU, and gains nothing on a CPU.")
    return Choice("unsloth", "Unsloth trains here: there is a GPU, and it is installed.")


def unsloth_missing() -> str | None:
    """Why Unsloth cannot train here, as part of a sentence; None where it can."""
    if not is_installed("unsloth"):
        return f"Unsloth is not installed, {INSTALL_GPU}" if usable_gpu() else "there is no GPU that torch could use"
    if not usable_gpu() and os.environ.get(FORCE_CPU) != "1":
        return "there is no GPU that torch could use"
    return None


def vllm_missing() -> str | None:
    """Why vLLM cannot sample here; None where it can."""
    if not usable_gpu():
        return "vLLM needs a GPU, and there is none that torch could use"
    return None if is_installed("vllm") else f"vLLM is not installed: {INSTALL_GPU}"


def four_bit_missing() -> str | None:
    """Why weights or moments cannot be held in fewer bits here; None where they can."""
    if not usable_gpu():
        return "bitsandbytes needs a GPU, and there is none that torch could use"
    return None if is_installed("bitsandbytes") else f"bitsandbytes is not installed: {INSTALL_GPU}"


def with_backend(config: RunConfig) -> RunConfig:
    """The same with the backend named that `auto` means here."""
    if config.backend != "auto":
        return config
    return config.model_copy(update={"backend": automatic_choice().name})


def backend_errors(config: RunConfig) -> dict[str, str | None]:
    """What this machine cannot do of what a run asks for, by setting."""
    eight_bit = config.optim == "adamw_8bit"
    backend = with_backend(config).backend
    unused = backend == "trl" and config.unsloth_grpo_mini_batch is not None
    return {
        "backend": _sentence(unsloth_missing() if config.backend == "unsloth" else None, "Unsloth cannot train here"),
        "use_vllm": _vllm_error(config, backend) if config.use_vllm else None,
        "load_in_4bit": _sentence(four_bit_missing() if config.load_in_4bit else None, "Not in 4 bits here"),
        "optim": _sentence(four_bit_missing() if eight_bit else None, "Not in 8 bits here"),
        "unsloth_grpo_mini_batch": "This changes nothing where TRL trains: leave it empty." if unused else None,
    }


def _vllm_error(config: RunConfig, backend: str) -> str | None:
    if backend == "unsloth" and not config.lora_r:
        return "Unsloth shares its weights with vLLM only under an adapter: set lora_r, or backend = trl."
    if backend == "unsloth" and config.top_k:
        return "Unsloth has vLLM sample from all tokens: leave top_k at 0, or set backend = trl."
    return _sentence(vllm_missing(), "It cannot sample here")


def usable_gpu() -> bool:
    """Is there a GPU, not hidden, and a torch that was built for one? Without loading torch."""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1")
    return has_gpu() and not hidden and not _torch_is_for_cpu()


def is_installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _torch_is_for_cpu() -> bool:
    try:
        return "+cpu" in importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return True


def _sentence(missing: str | None, what: str) -> str | None:
    return f"{what}: {missing}." if missing else None
