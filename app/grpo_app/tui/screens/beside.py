"""The chosen runs side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from textual.content import Content

from grpo_app.tui.beside import describe_beside
from grpo_app.tui.screens.reading import ReadingScreen
from grpo_core.errors import GrpoDashError
from grpo_core.types import Json
from grpo_core.views.comparison import compare
from grpo_core.views.side_by_side import side_by_side


class BesideScreen(ReadingScreen):
    def __init__(self, runs_dir: Path, runs: Sequence[str]) -> None:
        super().__init__()
        self._runs_dir = runs_dir
        self._runs = list(runs)

    def look(self) -> Callable[[], Json]:
        return partial(read_beside, self._runs_dir, self._runs)

    def draw(self, found: Json, width: int) -> Content:
        return describe_beside(found, width)

    def heading(self) -> Content:
        return Content(f"{len(self._runs)} runs side by side")


def read_beside(runs_dir: Path, runs: Sequence[str]) -> Json:
    """What `describe_beside` draws. Raises RunError."""
    return {**side_by_side(runs_dir, runs), "pairs": [_pair(runs_dir, runs[0], other) for other in runs[1:]]}


def _pair(runs_dir: Path, first: str, second: str) -> Json:
    """The test of their newest evaluations, or the sentence that says why there is none."""
    try:
        return compare(runs_dir, first, second).to_json()
    except GrpoDashError as error:
        return {"trouble": str(error)}
