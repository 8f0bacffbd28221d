"""The settings of a run as text: those that differ from the defaults first, then all of them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from textual.content import Content

from grpo_app.tui.paint import bold, muted, outside_line
from grpo_core.text import clean_line
from grpo_core.types import Json

NAME_WIDTH = 28


def describe_settings(groups: Sequence[Json], width: int) -> Content:
    """`groups` is what `views.settings` gives."""
    if not groups:
        return muted("This run has no settings: it was imported.")
    changed = [setting for group in groups for setting in group["settings"] if setting["changed"]]
    lines = [bold("Differ from the defaults"), *_rows(changed, width)] if changed else [muted("All are the defaults.")]
    for group in groups:
        lines += [Content(""), bold(group["title"]), *_rows(group["settings"], width)]
    return Content("\n").join(lines)


def _rows(settings: Sequence[Json], width: int) -> list[Content]:
    return [line for setting in settings for line in _row(setting, width)]


def _row(setting: Json, width: int) -> list[Content]:
    """Its key, its value and, where they differ, what it usually is."""
    usual = f"  (usually {_shown(setting['default'])})" if setting["changed"] else ""
    first, *others = wrap(f"{_shown(setting['value'])}{usual}", max(20, width - NAME_WIDTH - 2)) or [""]
    name = muted(f"  {setting['key']:<{NAME_WIDTH - 2}}")
    shown = outside_line(first)
    value = shown.stylize("bold") if setting["changed"] else shown
    return [name.append(value), *(Content(" " * NAME_WIDTH).append(outside_line(other)) for other in others)]


def _shown(value: str) -> str:
    return clean_line(value) or "empty"
