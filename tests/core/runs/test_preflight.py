"""What cannot work is said by field before anything is loaded; what may not work is a warning."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from grpo_core import hub
from grpo_core.config import RunConfig
from grpo_core.runs import footprint, preflight
from grpo_core.runs.preflight import check_fields, warnings


def model_of(folder: Path, megabytes: int = 1, **settings: object) -> str:
    """A model's folder without a model: settings, and a file as large as its weights."""
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(settings))
    (folder / "tokenizer.json").write_text("{}")
    with (folder / "model.safetensors").open("wb") as file:
        file.truncate(megabytes * 1024**2)  # sparse: it takes no space
    return str(folder)


def test_what_works_has_no_errors_and_no_warnings(tmp_path: Path) -> None:
    assert check_fields(RunConfig(), tmp_path / "not" / "yet") == {}
    assert warnings(RunConfig()) == []


@pytest.mark.parametrize(
    ("settings", "field", "words"),
    [
        ({"model": "/no/such/folder"}, "model", "no model"),
        ({"model": "~nobody-of-this-name/x\0"}, "model", "no model"),
        ({"rewards": {"beauty": 1.0}}, "rewards", "beauty"),
        ({"problems": "generated:poetry"}, "problems", "poetry"),
        ({"max_completion_length": 400}, "max_completion_length", "at most 256 tokens"),
    ],
)
def test_errors_are_said_by_field(tmp_path: Path, settings: dict, field: str, words: str) -> None:
    found = check_fields(RunConfig(**settings), tmp_path)
    assert list(found) == [field]
    assert words in found[field]


def test_all_errors_are_said_at_once() -> None:
    assert set(check_fields(RunConfig(model="/no", problems="no", rewards={"no": 1.0}))) == {
        "model",
        "problems",
        "rewards",
    }


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("config.json", None, "There is no model at"),
        ("config.json", "{oops", "its config.json is not JSON"),
        ("model.safetensors", None, "it has no model.safetensors."),
        ("tokenizer.json", None, "there is no tokenizer"),
        ("adapter_config.json", "{}", None),
        ("model.safetensors.index.json", '{"weight_map": {"a": "part-2.safetensors"}}', "it has no part-2.safetensors"),
    ],
)
def test_a_models_folder_must_be_whole(tmp_path: Path, file: str, content: str | None, words: str | None) -> None:
    model = model_of(tmp_path / "mine")
    path = tmp_path / "mine" / file
    path.unlink(missing_ok=True)
    if content is not None:
        path.write_text(content)
    found = check_fields(RunConfig(model=model))
    assert words in found["model"] if words else found == {}


def test_weights_in_a_pickle_are_not_read(tmp_path: Path) -> None:
    model = model_of(tmp_path / "mine")
    (tmp_path / "mine" / "model.safetensors").rename(tmp_path / "mine" / "pytorch_model.bin")
    assert "weights in other formats are not read" in check_fields(RunConfig(model=model))["model"]


def test_a_hub_model_that_cannot_be_had_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "cached_file", lambda *_: None)
    monkeypatch.setattr(hub, "why_no_hub", lambda: "HF_HUB_OFFLINE is set")
    found = check_fields(RunConfig(model="somebody/on-the-hub"))["model"]
    assert found.endswith("nothing can be fetched: HF_HUB_OFFLINE is set.")
    monkeypatch.setattr(hub, "why_no_hub", lambda: None)
    assert check_fields(RunConfig(model="somebody/on-the-hub")) == {}


def test_a_hub_that_is_not_there_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def refuse(address: tuple[str, int], timeout: float) -> None:
        asked.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(hub, "socket", SimpleNamespace(create_connection=refuse))
    monkeypatch.setattr(hub, "getproxies", dict)
    monkeypatch.setattr(hub, "time", SimpleNamespace(monotonic=lambda: 0.0))
    hub._unreachable.cache_clear()
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "https://hub.test")
    assert hub.why_no_hub() == hub.why_no_hub() == "hub.test cannot be reached (Connection refused)"
    assert asked == [("hub.test", 443)]
    hub._unreachable.cache_clear()


def test_checkpoints_that_do_not_fit_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = preflight.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(preflight.shutil, "disk_usage", lambda path: usage._replace(free=10 * 1024**2))
    config = RunConfig(save_total_limit=4)
    assert footprint.checkpoint_bytes(config) == 3 * (footprint.weights_bytes("embedded") or 0)
    found = check_fields(config, tmp_path)
    assert "10 MiB free" in found["save_total_limit"]
    assert check_fields(RunConfig(save_total_limit=1), tmp_path) == {}
    assert check_fields(config) == {}, "no runs folder, no disk to look at"


def test_memory_that_is_not_there_is_a_warning(tmp_path: Path) -> None:
    model = model_of(tmp_path / "huge", megabytes=2_000_000, hidden_size=8, num_hidden_layers=1, vocab_size=8)
    assert check_fields(RunConfig(model=model)) == {}
    (warning,) = warnings(RunConfig(model=model))
    assert "per_device_train_batch_size" in warning
    assert warnings(RunConfig(model="somebody/on-the-hub")) == []
