"""The completions of one group: verdict, reward, what each weighed, and the answer that was read."""

from __future__ import annotations

from typing import Any

from textual.content import Content

from grpo_app.tui.bars import signed_bar
from grpo_app.tui.paint import fit, flag, muted, outcome_word, outside_line, right, toned
from grpo_app.tui.widgets.line_list import LineList
from grpo_core.types import Json
from grpo_core.views.numbers import UNKNOWN, number, signed


class CompletionList(LineList):
    def __init__(self) -> None:
        super().__init__(id="completions")
        self.completions: list[Json] = []
        self._limit = 0.0
        self._weighed_name = "advantage"
        self._marks: dict[int, Json] = {}

    def show_marks(self, marks: dict[int, Json]) -> None:
        """What a person has marked, by completion."""
        if marks != self._marks:
            self._marks = marks
            self.redraw()

    def show(self, completions: list[Json]) -> None:
        """The cursor keeps its number from group to group."""
        self.completions = completions
        self._weighed_name = "weight" if any(c["weight"] is not None for c in completions) else "advantage"
        self._limit = max((abs(weighed(completion) or 0.0) for completion in completions), default=0.0)
        self.changed()

    @property
    def current(self) -> Json | None:
        return self.completions[self.cursor] if self.completions else None

    @property
    def limit(self) -> float:
        """The largest |advantage| of the group: a full bar."""
        return self._limit

    def count(self) -> int:
        return len(self.completions)

    def head(self, width: int) -> Content:
        return _columns(width, "", "", "reward", self._weighed_name, "", "tokens", "answer")

    def row(self, index: int, width: int) -> Content:
        completion = self.completions[index]
        verdict = completion["verdict"]
        word = outcome_word(verdict)
        answer = verdict["extracted"] if verdict else None
        value = weighed(completion)
        tone = "good" if value and value > 0 else "bad" if value and value < 0 else "muted"
        tokens = completion["token_count"]
        mark = self._marks.get(index)
        cut = "!" if completion["finish_reason"] == "length" else ""
        return _columns(
            width,
            f"k{completion['index']}",
            toned(word.mark, word.tone).append(flag([mark] if mark else [])),
            number(completion["reward"]),
            toned(signed_bar(value, self._limit), tone),
            signed(value),
            UNKNOWN if tokens is None else f"{tokens}{cut}",
            muted(word.label) if answer is None else outside_line(answer),
        )


def weighed(completion: Json) -> float | None:
    """What the completion weighed in the update: the weight of a rank objective, else the advantage."""
    value = completion["advantage"] if completion["weight"] is None else completion["weight"]
    return None if value is None else float(value)


def _columns(width: int, *cells: Any) -> Content:
    index, mark, reward, bar, advantage, tokens, answer = cells
    parts = [right(index, 3), fit(mark, 2), right(reward, 6), fit(bar, 9), right(advantage, 6), right(tokens, 7)]
    used = sum(part.cell_length + 1 for part in parts) + 1
    return Content(" ").join([*parts, fit(answer, max(0, width - used))])
