"""Two completions line by line: the best of a group against its worst, any two of it, or two visits of the problem."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from grpo_app.tui.difference import describe_difference
from grpo_app.tui.keys import key
from grpo_app.tui.screens.reading import RunReadingScreen
from grpo_core.runs import RunFolder
from grpo_core.store import RunReader
from grpo_core.types import Json
from grpo_core.views import compare_pair


class CompareScreen(RunReadingScreen):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("0", "beside(0)", "Beside k", show=True, key_display="0–9"),
        *[Binding(str(digit), f"beside({digit})", show=False) for digit in range(1, 10)],
        key("next-pane", "swap", "Swap", show=True),
        key("later-group", "visit(1)", "Other visit", show=True, shown_as="{ }"),
        key("earlier-group", "visit(-1)"),
    ]

    def __init__(self, folder: RunFolder, group: int) -> None:
        super().__init__(folder)
        self._left: tuple[int, int | None] = (group, None)
        self._right: tuple[int, int | None] = (group, None)

    def question(self) -> Callable[[RunReader], Json]:
        (group, left), (beside, right) = self._left, self._right
        return partial(compare_pair, group_id=group, left=left, right=right, beside=beside)

    def draw(self, found: Json, width: int) -> Content:
        self._left, self._right = (_place(found[side]) for side in ("left", "right"))
        return describe_difference(found, width)

    def heading(self) -> Content:
        if self.found is None:
            return Content(f"Group #{self._left[0]}: best against worst")
        (group, left), (beside, right) = self._left, self._right
        return Content(f"− #{group} k{left}  against  + #{beside} k{right}")

    def action_beside(self, index: int) -> None:
        """Another completion of the group at the right."""
        if self.found and index < self.found["right"]["k"]:
            self._right = (self._right[0], index)
            self.read()

    def action_swap(self) -> None:
        self._left, self._right = self._right, self._left
        self.read()

    def action_visit(self, by: int) -> None:
        """The same problem at a later (or earlier) step at the right: the best that was sampled there."""
        numbers = [visit["id"] for visit in self.found["visits"]] if self.found else []
        if self._right[0] in numbers:
            place = numbers.index(self._right[0]) + by
            if 0 <= place < len(numbers):
                self._right = (numbers[place], None)
                self.read()


def _place(side: Json) -> tuple[int, int]:
    return side["group"], side["completion"]["index"]
