"""What a person prefers in the terminal: colours, how often the screen looks, keys. Read from a TOML file."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from grpo_app.tui.keys import DEFAULT_KEYS
from grpo_app.tui.tail import POLL_SECONDS
from grpo_core.errors import ConfigError

PACES = (0.25, 0.5, 1.0, 5.0, 30.0)
"""Seconds between two looks at a run, from a fast machine to a very slow link."""
SHORTEST, LONGEST = 0.1, 600.0


@dataclass(frozen=True, slots=True)
class Settings:
    """`theme` is one of `theme_names()`, or None for the default; `refresh` is in seconds, or None for the
    default; `keys` are by name."""

    theme: str | None = None
    refresh: float | None = None
    keys: dict[str, str] = field(default_factory=dict)


def read_settings(path: Path, themes: Iterable[str]) -> Settings:
    """The file's settings, or the defaults where there is no file. Raises ConfigError that says what to mend."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    try:
        return _settings(document, themes)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def with_choices(settings: Settings, theme: str | None, refresh: float | None, themes: Iterable[str]) -> Settings:
    """The settings with what the command line says instead."""
    if theme is not None:
        settings = replace(settings, theme=_known(theme, themes, "theme"))
    return settings if refresh is None else replace(settings, refresh=_pace(refresh))


def settings_file(settings: Settings, themes: Iterable[str]) -> str:
    """A configuration file that says everything, to be edited."""
    rows = [f'{name} = "{settings.keys.get(name, keys)}"' for name, keys in DEFAULT_KEYS.items()]
    theme = f'theme = "{settings.theme}"' if settings.theme else '# theme = "high-contrast"'
    return "\n".join(
        [
            f"{theme}  # {', '.join(themes)}",
            f"refresh = {settings.refresh or POLL_SECONDS:g}  # seconds between two looks; 5 or more for a slow link",
            "",
            "[keys]  # names as in Textual: j, G, space, ctrl+d, question_mark; several divided by commas",
            *rows,
        ]
    )


def _settings(document: dict[str, Any], themes: Iterable[str]) -> Settings:
    for name in document:
        _known(name, ("theme", "refresh", "keys"), "setting")
    keys = document.get("keys", {})
    if not isinstance(keys, dict) or not all(isinstance(value, str) and value.strip() for value in keys.values()):
        raise ConfigError('[keys] has lines such as down = "j,down".')
    for name in keys:
        _known(name, DEFAULT_KEYS, "key")
    settings = Settings(keys={name: value.replace(" ", "") for name, value in keys.items()})
    return with_choices(settings, document.get("theme"), document.get("refresh"), themes)


def _pace(seconds: object) -> float:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not SHORTEST <= seconds <= LONGEST:
        raise ConfigError(f"refresh is {seconds!r}: give seconds from {SHORTEST:g} to {LONGEST:g}.")
    return float(seconds)


def _known(name: object, names: Iterable[str], kind: str) -> str:
    known = list(names)
    if name in known:
        return str(name)
    near = difflib.get_close_matches(str(name), known, n=1)
    instead = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}."
    raise ConfigError(f"{name!r} is no {kind}: {instead}")
