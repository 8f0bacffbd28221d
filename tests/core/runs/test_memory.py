"""What a training takes: the parts' arithmetic on known shapes, and remedies that do take less."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grpo_core.config import RunConfig
from grpo_core.runs import backends, memory
from grpo_core.runs.memory import estimate, memory_warning, remedies, shape_of

GIB = 1024**3
LLAMA_1B = {
    "hidden_size": 2048,
    "intermediate_size": 8192,
    "num_hidden_layers": 16,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 64,
    "vocab_size": 128256,
    "dtype": "bfloat16",
    "max_position_embeddings": 131072,
}
WEIGHTS = 1_235_814_400


@pytest.fixture
def model(tmp_path: Path) -> str:
    """The folder of Llama 3.2 1B, with nothing in its weights."""
    (tmp_path / "config.json").write_text(json.dumps(LLAMA_1B))
    with (tmp_path / "model.safetensors").open("wb") as file:
        file.truncate(2 * WEIGHTS)
    return str(tmp_path)


@pytest.fixture
def on_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (memory, backends):
        monkeypatch.setattr(module, "usable_gpu", lambda: True)
    monkeypatch.setattr(memory, "total_gpu_bytes", lambda: 80 * GIB)


def parts(config: RunConfig) -> dict[str, int]:
    found = estimate(config)
    assert found is not None
    return found.parts


def test_a_shape_is_read_from_the_models_own_files(model: str) -> None:
    shape = shape_of(model)
    assert shape is not None
    assert (shape.weights, shape.keys) == (WEIGHTS, 512)
    assert shape_of("somebody/on-the-hub") is None


@pytest.mark.usefixtures("on_gpu")
def test_all_weights_are_held_four_times(model: str) -> None:
    found = parts(RunConfig(model=model))
    assert found["weights"] == found["gradients"] == 4 * WEIGHTS
    assert found["optimizer"] == 8 * WEIGHTS
    assert found["reference"] == 0
    assert parts(RunConfig(model=model, beta=0.1))["reference"] == 4 * WEIGHTS
    assert parts(RunConfig(model=model, optim="adamw_8bit"))["optimizer"] == 2 * WEIGHTS


@pytest.mark.usefixtures("on_gpu")
def test_an_adapter_of_llama_1b_has_as_many_weights_as_peft_says(model: str) -> None:
    found = parts(RunConfig(model=model, lora_r=16))
    assert found["adapter"] == 4 * 11_272_192
    assert found["weights"] == 2 * WEIGHTS
    assert parts(RunConfig(model=model, lora_r=16, load_in_4bit=True))["weights"] < 0.7 * WEIGHTS


@pytest.mark.usefixtures("on_gpu")
def test_the_logits_of_an_update_are_three_times_batch_by_length_by_vocabulary(model: str) -> None:
    config = RunConfig(model=model, lora_r=16, max_completion_length=1000, per_device_train_batch_size=8)
    found = estimate(config)
    assert found is not None
    assert found.moment == "updating"
    assert found.parts["logits"] == 3 * 8 * 1000 * 128256 * 4
    one = estimate(config.model_copy(update={"per_device_train_batch_size": 1}))
    assert one is not None
    assert one.parts["logits"] < found.parts["logits"]


@pytest.mark.usefixtures("on_gpu")
def test_a_long_generation_is_dearer_than_its_update(model: str) -> None:
    config = RunConfig(model=model, lora_r=16, max_completion_length=20_000, per_device_train_batch_size=1)
    found = estimate(config)
    assert found is not None
    assert found.moment == "sampling"
    tokens = found.parts["KV cache"] / (128 * 2 * 512 * 16 * 2)
    assert 20_000 < tokens < 20_100


@pytest.mark.usefixtures("on_gpu")
@pytest.mark.parametrize("settings", [{}, {"lora_r": 16}, {"lora_r": 16, "per_device_train_batch_size": 4}])
def test_no_remedy_takes_more(model: str, settings: dict) -> None:
    config = RunConfig(model=model, max_completion_length=512, **settings)
    now = estimate(config)
    found = list(remedies(config))
    assert now is not None
    assert found
    for words, changed in found:
        then = estimate(changed)
        assert then is not None
        assert then.total <= now.total, words
        assert RunConfig(**changed.model_dump()) == changed, "a configuration that can be had"


def test_the_warning_names_settings_that_fit(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    config = RunConfig(model=model, max_completion_length=512)
    found = estimate(config)
    assert found is not None
    monkeypatch.setattr(memory, "free_bytes", lambda: found.total)
    assert memory_warning(config) is None
    monkeypatch.setattr(memory, "free_bytes", lambda: found.total // 2)
    sentence = memory_warning(config) or ""
    assert "activations" in sentence
    assert "per_device_train_batch_size = " in sentence
    monkeypatch.setattr(memory, "free_bytes", lambda: 1)
    assert "No one setting" in (memory_warning(config) or "")
