"""Which backend a run gets on which machine, and what is said where it cannot have the one it asks for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from grpo_core.config import RunConfig
from grpo_core.runs import backends
from grpo_core.runs.backends import automatic_choice, backend_errors, with_backend

Machine = Callable[..., None]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Pretend a machine: has it a GPU, and which packages are installed."""

    def pretend(gpu: bool, *packages: str, force_cpu: bool = False) -> None:
        monkeypatch.setattr(backends, "usable_gpu", lambda: gpu)
        monkeypatch.setattr(backends, "is_installed", lambda package: package in packages)
        monkeypatch.delenv(backends.FORCE_CPU, raising=False)
        if force_cpu:
            monkeypatch.setenv(backends.FORCE_CPU, "1")

    return pretend


@pytest.mark.parametrize(
    ("gpu", "packages", "force_cpu", "name", "why"),
    [
        (False, (), False, "trl", "no GPU"),
        (False, ("unsloth",), False, "trl", "no GPU"),
        (False, ("unsloth",), True, "trl", "gains nothing on a CPU"),
        (True, (), False, "trl", "make gpu"),
        (True, ("unsloth",), False, "unsloth", "there is a GPU"),
    ],
)
def test_auto_is_unsloth_where_it_can_train(
    machine: Machine, gpu: bool, packages: tuple[str, ...], force_cpu: bool, name: str, why: str
) -> None:
    machine(gpu, *packages, force_cpu=force_cpu)
    choice = automatic_choice()
    assert choice.name == name
    assert why in choice.why
    assert with_backend(RunConfig()).backend == name
    assert with_backend(RunConfig(backend="trl")).backend == "trl"


def test_what_a_machine_cannot_do_is_said_at_its_field(machine: Machine) -> None:
    asked = RunConfig(
        backend="unsloth", lora_r=8, load_in_4bit=True, use_vllm=True, optim="adamw_8bit", unsloth_grpo_mini_batch=2
    )
    machine(False)
    found = backend_errors(asked)
    assert all(found[field] for field in ("backend", "use_vllm", "load_in_4bit", "optim"))
    machine(True, "unsloth", "vllm", "bitsandbytes")
    assert not any(backend_errors(asked).values())
    assert not any(backend_errors(RunConfig()).values())


def test_unsloth_on_a_cpu_is_there_only_for_who_asks(machine: Machine) -> None:
    machine(False, "unsloth", force_cpu=True)
    assert not backend_errors(RunConfig(backend="unsloth"))["backend"]
    assert backend_errors(RunConfig(unsloth_grpo_mini_batch=2))["unsloth_grpo_mini_batch"]


@pytest.mark.parametrize("hidden", ["", "-1"])
def test_a_hidden_gpu_is_none(monkeypatch: pytest.MonkeyPatch, hidden: str) -> None:
    monkeypatch.setattr(backends, "has_gpu", lambda: True)
    monkeypatch.setattr(backends, "_torch_is_for_cpu", lambda: False)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert backends.usable_gpu()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    assert not backends.usable_gpu()
