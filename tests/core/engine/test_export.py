"""Adapters: trained with PEFT's settings, on their base from anywhere, merged into a plain model that transformers
loads."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from grpo_core.config import RunConfig, model_folder
from grpo_core.engine.__main__ import main
from grpo_core.engine.adapters import load_subject
from grpo_core.engine.arguments import lora_arguments
from grpo_core.engine.export_command import export_model
from grpo_core.engine.policy import load_model
from grpo_core.errors import ConfigError, RunError
from grpo_core.runs import RunFolder
from grpo_core.runs.preflight import check_fields
from grpo_core.runs.subjects import find_subject, run_of, subject_at
from tests.core.engine.conftest import TrainRun

TOKENS = torch.arange(4, 24).view(2, 10)


@pytest.fixture
def trained(train_run: TrainRun) -> RunFolder:
    return train_run(lora_r=4, max_steps=1, learning_rate=0.05, use_rslora=True, lora_dropout=0.1)


def logits(model: torch.nn.Module) -> torch.Tensor:
    with torch.no_grad():
        return model.eval()(input_ids=TOKENS).logits


def test_an_adapters_settings_are_pefts() -> None:
    config = RunConfig(lora_r=4, lora_alpha=8, lora_dropout=0.1, use_rslora=True, lora_target_modules=["q_proj"])
    found = lora_arguments(config, load_model("embedded"))
    assert found is not None
    assert (found.r, found.lora_alpha, found.lora_dropout, found.use_rslora) == (4, 8, 0.1, True)
    assert found.target_modules == {"q_proj"}


@pytest.mark.parametrize("targets", [["q_proj", "w_proj"], ["input_layernorm"], ["proj"]])
def test_a_layer_that_the_model_has_not_is_named(targets: list[str]) -> None:
    with pytest.raises(ConfigError, match=rf"no layer '{targets[-1]}'.*there are: .*q_proj, .*v_proj"):
        lora_arguments(RunConfig(lora_r=4, lora_target_modules=targets), load_model("embedded"))


@pytest.mark.training
def test_a_merged_adapter_is_a_plain_model_that_answers_the_same(
    trained: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint, out = trained.checkpoints / "checkpoint-1", tmp_path / "merged"
    words = ["export-model", trained.id, "--out", str(out), "--runs-dir", str(trained.path.parent)]
    assert main(words) == 0
    assert "adapter merged into its base" in capsys.readouterr().out
    on_base = load_subject(str(checkpoint)).model
    merged = AutoModelForCausalLM.from_pretrained(out, use_safetensors=True)
    assert not (out / "adapter_config.json").exists()
    assert torch.allclose(logits(merged), logits(on_base), atol=1e-4)
    assert not torch.allclose(logits(merged), logits(load_subject("embedded").model), atol=1e-2)
    assert AutoTokenizer.from_pretrained(out).chat_template == AutoTokenizer.from_pretrained(checkpoint).chat_template
    assert main(words) == 1
    assert "is not written over" in capsys.readouterr().err
    assert check_fields(RunConfig(model=str(out))) == {}, "one can go on from it"


@pytest.mark.training
def test_an_adapter_from_elsewhere_finds_its_base(trained: RunFolder, tmp_path: Path) -> None:
    checkpoint, foreign = trained.checkpoints / "checkpoint-1", tmp_path / "mine" / "adapter"
    shutil.copytree(checkpoint, foreign)
    settings = json.loads((foreign / "adapter_config.json").read_text())
    settings["base_model_name_or_path"] = str(model_folder("embedded"))
    (foreign / "adapter_config.json").write_text(json.dumps(settings))
    assert torch.equal(logits(load_subject(str(foreign)).model), logits(load_subject(str(checkpoint)).model))
    assert run_of(tmp_path, subject_at(str(foreign))) is None
    assert "grpo-dash export-model" in check_fields(RunConfig(model=str(foreign)))["model"]
    settings["r"] = 8
    (foreign / "adapter_config.json").write_text(json.dumps(settings))
    with pytest.raises(ConfigError, match="does not fit its base"):
        load_subject(str(foreign))


@pytest.mark.training
def test_a_whole_models_checkpoint_is_exported_without_its_optimizer(train_run: TrainRun, tmp_path: Path) -> None:
    run = train_run(max_steps=2, save_steps=1)
    runs_dir = run.path.parent
    assert find_subject(runs_dir, run.id).step == 2
    subject = find_subject(runs_dir, f"{run.id}/step/1")
    export_model(subject.path, tmp_path / "out")
    assert {path.suffix for path in (tmp_path / "out").iterdir()} <= {".json", ".jinja", ".safetensors"}
    exported = AutoModelForCausalLM.from_pretrained(tmp_path / "out")
    assert torch.equal(logits(exported), logits(load_subject(subject.path).model))
    base = find_subject(runs_dir, f"{run.id}/step/0")
    assert (base.path, base.step) == ("embedded", 0)
    assert run_of(runs_dir, base) == run_of(runs_dir, subject) == run
    with pytest.raises(RunError, match="at step: 2, 1"):
        find_subject(runs_dir, f"{run.id}/step/7")
