"""A completion judged again with another gold answer, beside what was stored. Nothing of it is kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual.content import Content

from grpo_app.tui.describe import describe_judged
from grpo_app.tui.screens.reading import ReadingScreen
from grpo_core.runs.explainer import Explainer
from grpo_core.types import Json


class JudgedScreen(ReadingScreen):
    def __init__(self, explainer: Explainer, completion: Json, problem: Json, gold: str) -> None:
        super().__init__()
        self._explainer = explainer
        self._completion = completion
        self._problem = {**problem, "gold": gold}

    def look(self) -> Callable[[], Json]:
        return partial(self._explainer.judge, self._completion["text"], self._problem["gold"], self._problem["steps"])

    def draw(self, found: Json, width: int) -> Content:
        return describe_judged(self._completion, self._problem, found)

    def heading(self) -> Content:
        return Content(f"k{self._completion['index']} with another gold answer")
