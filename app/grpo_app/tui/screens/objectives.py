"""What other objectives would have made of a group's rewards."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content

from grpo_app.tui.objectives import describe_objectives
from grpo_app.tui.screens.reading import RunReadingScreen
from grpo_core.runs import RunFolder
from grpo_core.store import RunReader
from grpo_core.types import Json
from grpo_core.views import objectives_of_group


class ObjectivesScreen(RunReadingScreen):
    def __init__(self, folder: RunFolder, group: int) -> None:
        super().__init__(folder)
        self._group = group

    def question(self) -> Callable[[RunReader], Json]:
        return lambda reader: objectives_of_group(reader, self.folder, self._group)

    def draw(self, found: Json, width: int) -> Content:
        return describe_objectives(found, width)

    def heading(self) -> Content:
        return Content(f"Group #{self._group}: what each objective would have pushed")
