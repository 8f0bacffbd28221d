"""Unsloth's GPU half on a machine without one. Import it before torch, transformers, PEFT and TRL.

UNSLOTH_ALLOW_CPU=1 is Unsloth's own way to be imported without a GPU as if there were one; under it TRL is left alone,
so it is taken back before Unsloth is asked to write its trainers.
"""

from __future__ import annotations

import atexit
import os
import tempfile
import types
import warnings
from typing import Any

_generated = tempfile.TemporaryDirectory(prefix="grpo-dash-unsloth-")
atexit.register(_generated.cleanup)
os.environ.update(
    UNSLOTH_COMPILE_LOCATION=_generated.name,
    UNSLOTH_COMPILE_DISABLE="1",
    TORCHDYNAMO_DISABLE="1",
    TORCH_COMPILE_DISABLE="1",
    UNSLOTH_DISABLE_STATISTICS="1",
    HF_HUB_OFFLINE="1",
    ACCELERATE_USE_CPU="1",
)
os.environ.pop("UNSLOTH_FORCE_CPU", None)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import unsloth

    os.environ["UNSLOTH_ALLOW_CPU"] = "0"
    unsloth.PatchFastRL()
    import torch

_GPU = types.SimpleNamespace(total_memory=16 * 2**30, name="none", major=8, minor=0, multi_processor_count=1)


class CpuLoader(unsloth.FastModel):
    """In the place of FastLanguageModel, whose models need a GPU's kernels: takes what that is asked for."""

    @staticmethod
    def from_pretrained(**asked: Any) -> Any:
        return unsloth.FastModel.from_pretrained(**{**asked, "device_map": "cpu", "use_gradient_checkpointing": False})

    @staticmethod
    def get_peft_model(model: Any, **asked: Any) -> Any:
        return unsloth.FastModel.get_peft_model(model, **{**asked, "use_gradient_checkpointing": False})


def stand_in_for_a_gpu() -> None:
    """What Unsloth's trainer and loader ask of the GPU, answered."""
    torch.cuda.get_device_properties = lambda *_, **__: _GPU
    torch.cuda.get_device_capability = lambda *_, **__: (_GPU.major, _GPU.minor)
    torch.cuda.current_device = lambda *_, **__: 0
    torch.cuda.mem_get_info = lambda *_, **__: (_GPU.total_memory // 2, _GPU.total_memory)
    torch.cuda.synchronize = lambda *_, **__: None
    unsloth.FastLanguageModel = CpuLoader


stand_in_for_a_gpu()
