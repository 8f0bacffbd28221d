"""What each number of a run's overview means, as it stood when this was opened."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content

from grpo_app.tui.screens.reading import ReadingScreen
from grpo_core.types import Json


class NumbersScreen(ReadingScreen):
    """`describe` draws them to a width; all of it is known already."""

    def __init__(self, describe: Callable[[int], Content]) -> None:
        super().__init__()
        self._describe = describe

    def look(self) -> Callable[[], Json]:
        return dict

    def draw(self, found: Json, width: int) -> Content:
        return self._describe(width)

    def heading(self) -> Content:
        return Content("What each number means")
