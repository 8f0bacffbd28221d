"""The settings that a run was made with."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content

from grpo_app.tui.paint import outside_line
from grpo_app.tui.run_settings import describe_settings
from grpo_app.tui.screens.reading import ReadingScreen
from grpo_core.runs import RunFolder
from grpo_core.types import Json
from grpo_core.views.settings import settings_of


class SettingsScreen(ReadingScreen):
    def __init__(self, folder: RunFolder) -> None:
        super().__init__()
        self._folder = folder

    def look(self) -> Callable[[], Json]:
        return lambda: {"groups": settings_of(self._folder)}

    def draw(self, found: Json, width: int) -> Content:
        return describe_settings(found["groups"], width)

    def heading(self) -> Content:
        return outside_line(f"Settings of {self._folder.id}")
