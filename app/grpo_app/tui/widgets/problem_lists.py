"""The problems of a run, and the visits of the one under the cursor."""

from __future__ import annotations

from textual.content import Content
from textual.message import Message

from grpo_app.tui.paint import muted
from grpo_app.tui.problems import key_of, problem_columns, problem_line, visit_line
from grpo_app.tui.widgets.line_list import LineList
from grpo_core.types import Json

NEAR_THE_END = 20
"""Rows before the last at which more are asked for."""


class ProblemList(LineList):
    class MoreWanted(Message):
        """The page after the last one is wanted."""

    def __init__(self) -> None:
        super().__init__(id="problems")
        self.rows: list[Json] = []
        self.said = "Reading …"
        self._complete = True

    def begin(self) -> None:
        """Others are asked for."""
        self.rows, self.cursor, self._complete, self.said = [], 0, True, "Reading …"
        self.scroll_to(y=0, animate=False, immediate=True)
        self.changed()

    def show(self, rows: list[Json], complete: bool) -> None:
        """All that are known by now; the cursor keeps to its problem."""
        on = key_of(self.current) if self.current else None
        self.rows, self._complete = rows, complete
        self.cursor = next((at for at, row in enumerate(rows) if key_of(row) == on), self.cursor)
        self.changed()

    @property
    def current(self) -> Json | None:
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    def count(self) -> int:
        return len(self.rows)

    def head(self, width: int) -> Content:
        if not self.rows:
            return muted(f" {self.said}")
        return muted(problem_columns(width, "course", "visits", "now", "times", "problem").plain)

    def row(self, index: int, width: int) -> Content:
        return problem_line(self.rows[index], width)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._ask_for_more()

    def _move_to(self, index: int) -> None:
        super()._move_to(index)
        self._ask_for_more()

    def _ask_for_more(self) -> None:
        seen = max(self.cursor, self.scroll_offset.y + self.size.height)
        if not self._complete and seen >= self.count() - NEAR_THE_END:
            self._complete = True
            self.post_message(self.MoreWanted())


class VisitList(LineList):
    """The newest visit first."""

    def __init__(self) -> None:
        super().__init__(id="visits")
        self.problem: Json | None = None
        self.visits: list[Json] = []

    def show(self, problem: Json | None, visits: list[Json]) -> None:
        if problem is None or self.problem is None or key_of(problem) != key_of(self.problem):
            self.cursor = 0
            self.scroll_to(y=0, animate=False, immediate=True)
        self.problem, self.visits = problem, visits
        self.changed()

    @property
    def current(self) -> Json | None:
        return self.visits[self.cursor] if self.visits else None

    def count(self) -> int:
        return len(self.visits)

    def head(self, width: int) -> Content:
        return muted(f" {'step':>7} {'group':>8} {'right':>6}  outcomes") if self.visits else muted("")

    def row(self, index: int, width: int) -> Content:
        problem = self.problem or {"turned": None, "course": "once"}
        return visit_line(self.visits[index], problem["turned"], problem["course"], width)
