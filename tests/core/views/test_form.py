"""The form for a new run: every setting once, what is typed is the configuration, what is wrong is said by field."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grpo_core.config import RunConfig, load_preset, presets
from grpo_core.objective import OBJECTIVES
from grpo_core.runs import create_run
from grpo_core.views.form import (
    FormErrors,
    config_from_form,
    default_values,
    preset_values,
    run_form,
    toml_from_values,
    values_from_toml,
    values_of,
    values_of_runs,
)
from grpo_core.views.form_words import GROUPS, LABELS

FIELDS = {field.name: field for group in run_form() for field in group.fields}


def test_every_setting_is_in_the_form_once_and_has_words() -> None:
    names = [field.name for group in run_form() for field in group.fields]
    assert sorted(names) == sorted(RunConfig.model_fields)
    assert sorted(name for members in GROUPS.values() for name in members) == sorted(names)
    assert set(LABELS) == set(names)
    assert all(field.help for field in FIELDS.values())


def test_fields_are_of_the_kind_of_their_setting() -> None:
    assert FIELDS["objective"].choices == tuple(OBJECTIVES)
    assert (FIELDS["seed"].kind, FIELDS["temperature"].kind, FIELDS["rank_centred"].kind) == ("int", "float", "bool")
    assert (FIELDS["rewards"].kind, FIELDS["lora_target_modules"].kind) == ("table", "list")
    assert FIELDS["per_device_train_batch_size"].optional
    top_p = FIELDS["top_p"].bounds
    assert (top_p.low, top_p.low_open, top_p.high, top_p.high_open) == (0.0, True, 1.0, False)


def test_an_untouched_form_is_the_default() -> None:
    assert config_from_form({}) == config_from_form(default_values()) == RunConfig()


@pytest.mark.parametrize("name", sorted(presets()))
def test_a_preset_fills_the_form(name: str) -> None:
    assert config_from_form(preset_values()[name]) == load_preset(name)


def test_a_filled_form_goes_to_toml_and_back() -> None:
    config = RunConfig(
        name="mine",
        system_prompt=' Box it: "\\boxed{}"\nplease ',
        rewards={"correct": 1.0, "partial": 0.25},
        per_device_train_batch_size=32,
        lora_r=8,
        lora_target_modules=["q_proj", "v_proj"],
        learning_rate=3e-6,
    )
    values = values_of(config)
    assert config_from_form(values) == config
    assert values_from_toml(toml_from_values(values)) == values


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"learning_rate": "-1"}, "learning_rate", "above 0, not -1"),
        ({"learning_rate": "fast"}, "learning_rate", "a number"),
        ({"seed": "1.5"}, "seed", "whole number"),
        ({"top_p": "2"}, "top_p", "at most 1, not 2"),
        ({"rank_centred": "maybe"}, "rank_centred", "true or false"),
        ({"objective": "ppo"}, "objective", "'rank' or 'dpo'"),
        ({"per_device_train_batch_size": "7"}, "per_device_train_batch_size", "does not divide"),
        ({"rewards": "correct"}, "rewards", "a name and a number"),
        ({"rewards": ""}, "rewards", "at least one"),
        ({"lora_target_modules": " "}, "lora_target_modules", "all-linear"),
        ({"temprature": "1"}, "temprature", "not a setting"),
        ({"name": ""}, "name", "must not be empty"),
    ],
)
def test_mistakes_are_said_by_field(typed: dict[str, str], field: str, words: str) -> None:
    with pytest.raises(FormErrors) as caught:
        config_from_form({**default_values(), **typed})
    assert list(caught.value.fields) == [field]
    assert words in caught.value.fields[field]


def test_all_mistakes_are_said_at_once() -> None:
    with pytest.raises(FormErrors) as caught:
        config_from_form({"seed": "a", "learning_rate": "b"})
    assert set(caught.value.fields) == {"seed", "learning_rate"}


@pytest.mark.parametrize("text", ["= 1", "seed = 'x'", "beauty = 1"])
def test_a_file_that_is_no_configuration_is_refused(text: str) -> None:
    with pytest.raises(FormErrors):
        values_from_toml(text)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), st.text(max_size=8), max_size=3))
def test_whatever_is_typed_is_a_configuration_or_said_to_be_none(typed: dict[str, str]) -> None:
    with contextlib.suppress(FormErrors):
        assert isinstance(config_from_form(typed), RunConfig)


def test_the_newest_runs_can_be_repeated_and_one_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    config = load_preset("demo", ["max_steps=17"])
    run, broken = create_run(tmp_path, config), create_run(tmp_path, config)
    broken.config_file.write_text("nonsense =", encoding="utf-8")
    found = values_of_runs(tmp_path)
    assert list(found) == [f"as {run.id}"]
    assert config_from_form(found[f"as {run.id}"]) == config
