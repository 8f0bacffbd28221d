"""The settings of a run: every one once, those that somebody changed told apart."""

from __future__ import annotations

from pathlib import Path

from grpo_core.config import RunConfig
from grpo_core.runs import RunFolder, create_run
from grpo_core.views.settings import run_settings, settings_of


def test_every_setting_is_there_once() -> None:
    keys = [setting["key"] for group in run_settings(RunConfig()) for setting in group["settings"]]
    assert sorted(keys) == sorted(RunConfig.model_fields)


def test_what_somebody_changed_is_told_apart_with_what_it_usually_is(tmp_path: Path) -> None:
    folder = create_run(tmp_path, RunConfig(name="mine", rewards={"correct": -1.0, "partial": 0.5}, use_vllm=True))
    changed = {s["key"]: (s["value"], s["default"]) for g in settings_of(folder) for s in g["settings"] if s["changed"]}
    assert changed == {"rewards": ("correct -1, partial 0.5", "correct 1"), "use_vllm": ("yes", "no")}


def test_a_run_without_a_configuration_has_none(tmp_path: Path) -> None:
    assert settings_of(RunFolder(tmp_path)) == []
