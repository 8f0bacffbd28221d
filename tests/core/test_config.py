"""Configurations: presets load, overrides apply, mistakes are named in words, TOML round-trips."""

from __future__ import annotations

from pathlib import Path

import pytest

from grpo_core.config import RunConfig, dump_config, load_config, load_preset, make_config, presets
from grpo_core.errors import ConfigError


def test_the_demo_offers_both_objectives() -> None:
    assert load_preset("demo").objective == "grpo"
    assert load_preset("demo-rank").objective_label == "rank-linear-centred"


@pytest.mark.parametrize("name", sorted(presets()))
def test_every_preset_loads(name: str) -> None:
    assert load_preset(name).name


def test_overrides_reach_into_tables_and_need_no_quotes() -> None:
    config = load_preset("demo", ["model=org/name", "seed=7", "rewards.partial=0.25", "rank_centred=false"])
    assert (config.model, config.seed, config.rank_centred) == ("org/name", 7, False)
    assert config.rewards == {"correct": 1.0, "partial": 0.25}


def test_an_override_may_quote_a_name_with_dots() -> None:
    config = make_config({}, ['rewards."python:mine.short"=0.5', "rewards.correct=2"])
    assert config.rewards == {"correct": 2.0, "python:mine.short": 0.5}
    assert make_config({}, ["rewards.python:mine.parts.short=-1"]).rewards == {
        "correct": 1.0,
        "python:mine.parts.short": -1.0,
    }


def test_round_trip_through_toml(tmp_path: Path) -> None:
    config = RunConfig(name="a run", system_prompt='say "hi"\n', per_device_train_batch_size=64, lora_r=8)
    path = tmp_path / "config.toml"
    path.write_text(dump_config(config))
    assert load_config(path) == config


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["temprature=1"], "^temprature is not a setting: did you mean temperature\\?$"),
        (["xyzzy=1"], "^xyzzy is not a setting$"),
        (["learning_rate=-1"], "^learning_rate takes a number above 0, not -1$"),
        (["num_generations=1"], "^num_generations takes a number at least 2 and at most 1024, not 1$"),
        (["temperature=99"], "^temperature takes a number above 0 and at most 10, not 99$"),
        (["adam_beta1=1"], "^adam_beta1 takes a number at least 0 and below 1, not 1$"),
        (["loss_type=x"], "^loss_type takes 'dapo', .* or 'bnpo', not 'x'$"),
        (["seed=abc"], "^seed takes a whole number, not 'abc'$"),
        (["rewards.correct=x"], "^rewards.correct takes a number, not 'x'$"),
        (["name="], "^name must not be empty$"),
        (["per_device_train_batch_size=7"], "does not divide the 128 completions"),
        (["rewards={}"], "rewards is empty"),
        (["learning_rate=inf"], "^learning_rate takes a number, not inf$"),
        (["rewards.correct=nan"], "^rewards.correct takes a number, not nan$"),
        (["lora_r=4", "lora_target_modules=[]"], "lora_target_modules is empty"),
        (["objective=rloo", "num_iterations=2"], "num_iterations must be 1 for objective rloo"),
        (["objective=gspo", "num_iterations=4", "save_steps=10"], "save_steps must be a multiple"),
        (["objective=dapo", "beta=0.1"], "DAPO has no KL term"),
        (["objective=dpo", "beta=0.1"], "holds to the base by dpo_beta"),
        (["objective=rank", "loss_type=grpo"], "rank has a loss of its own"),
        (["objective=rank", "scale_rewards=batch"], "changes nothing for objective rank"),
        (["seed"], "KEY=VALUE"),
        (["seed.more=1"], "seed"),
    ],
)
def test_mistakes_are_named(overrides: list[str], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        make_config({"seed": 1}, overrides)


def test_an_unknown_preset_names_those_there_are() -> None:
    with pytest.raises(ConfigError, match="demo-rank"):
        load_preset("nope")


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("= 1")
    with pytest.raises(ConfigError, match=r"broken\.toml"):
        load_config(path)
