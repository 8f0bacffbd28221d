"""The settings that a run was made with, in the groups and words of the form for a new one."""

from __future__ import annotations

from typing import Any

from grpo_core.config import RunConfig
from grpo_core.runs import RunFolder
from grpo_core.types import Json
from grpo_core.views.form import run_form

SAYS_NOTHING = ("name",)
"""Differs from the default in every run."""


def settings_of(folder: RunFolder) -> list[Json]:
    """As `run_settings`; empty for a run that was imported, which has none."""
    return run_settings(folder.config()) if folder.config_file.is_file() else []


def run_settings(config: RunConfig) -> list[Json]:
    """`{title, settings}` for each group of the form. A setting is `{key, label, help, value, default, changed}`, its
    values as a person reads them; `changed`: it is not what it would be if nobody had said anything."""
    default = RunConfig()
    return [
        {
            "title": group.title,
            "settings": [
                {
                    "key": field.name,
                    "label": field.label,
                    "help": field.help,
                    "value": setting_text(getattr(config, field.name)),
                    "default": setting_text(getattr(default, field.name)),
                    "changed": field.name not in SAYS_NOTHING
                    and getattr(config, field.name) != getattr(default, field.name),
                }
                for field in group.fields
            ],
        }
        for group in run_form()
    ]


def setting_text(value: Any) -> str:
    """One value of a configuration: `correct 1, partial 0.5`, `none`, `yes`."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {number:g}" for name, number in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)
