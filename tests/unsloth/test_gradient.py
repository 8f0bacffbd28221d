"""The gradient that Unsloth's trainer takes is that of each objective's equation, by autograd on the same policy."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from grpo_core.config import RunConfig
from grpo_core.engine.policy import model_path
from tests.core.engine.test_gradient import SETTINGS, assert_gradient_of_the_equation

pytestmark = pytest.mark.training
CASES = [
    {"objective": "grpo", "loss_type": "dapo", "beta": 0.5},
    {"objective": "dr_grpo", "per_device_train_batch_size": 8},
    {"objective": "rloo", "beta": 0.5, "per_device_train_batch_size": 8},
    {"objective": "dpo", "dpo_beta": 0.3, "per_device_train_batch_size": 8},
    {"objective": "dapo", "per_device_train_batch_size": 8},
    {"objective": "rank", "rank_weights": "adaptive", "beta": 0.5},
    {"objective": "gspo"},
    {"objective": "cispo"},
]


@pytest.mark.parametrize("settings", CASES, ids=lambda s: "-".join(str(value) for value in s.values()))
def test_the_gradient_is_that_of_the_equation(tmp_path: Path, settings: dict) -> None:
    assert_gradient_of_the_equation(RunConfig(**SETTINGS, backend="unsloth", **settings), tmp_path)


def test_the_end_of_a_completion_counts_where_it_was_the_padding_too(tmp_path: Path) -> None:
    model = with_padding_by_the_end(tmp_path)
    assert_gradient_of_the_equation(
        RunConfig(**SETTINGS, backend="unsloth", objective="dr_grpo", model=str(model)), tmp_path / "run"
    )


def with_padding_by_the_end(folder: Path) -> Path:
    """The embedded model with a tokenizer that pads with the token that ends completions, as many have it."""
    model = folder / "model"
    shutil.copytree(model_path("embedded"), model)
    settings = json.loads((model / "tokenizer_config.json").read_text())
    settings["pad_token"] = settings["eos_token"]
    (model / "tokenizer_config.json").write_text(json.dumps(settings))
    return model
