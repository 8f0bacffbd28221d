"""The groups of a run, newest first; older ones are asked for when the cursor nears the end."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import Any

from textual.content import Content
from textual.message import Message

from grpo_app.tui.paint import fit, flag, muted, outcome_marks, outside_line, right, signal_word, toned
from grpo_app.tui.widgets.line_list import MOST_KEPT, LineList
from grpo_core.types import Json
from grpo_core.views.numbers import number

NEAR_THE_END = 60
"""Rows before the last at which older ones are asked for."""


class GroupList(LineList):
    """Rows are by id, descending; the cursor stays on its group when others come above it."""

    class OlderWanted(Message):
        """Rows before this id are wanted."""

        def __init__(self, before: int) -> None:
            super().__init__()
            self.before = before

    def __init__(self) -> None:
        super().__init__(id="groups")
        self._rows: dict[int, Json] = {}
        self._ids: list[int] = []
        self.complete = False
        self._asked_before: int | None = None
        self._marks: dict[int, list[Json]] = {}
        self._drawn: dict[tuple[int, int], Content] = {}

    def show_marks(self, marks: Iterable[Json]) -> None:
        """What a person has marked in the groups."""
        self._marks = {}
        self._drawn.clear()
        for mark in marks:
            self._marks.setdefault(mark["group"], []).append(mark)
        self.redraw()

    def add(self, rows: list[Json]) -> bool:
        """Put in new, changed or older rows; False if nothing is different."""
        different = [row for row in rows if self._rows.get(row["id"]) != row]
        if not different:
            return False
        on, top = self.current_id, self._id_at_top
        self._rows.update((row["id"], row) for row in different)
        self._ids = sorted(self._rows, reverse=True)
        changed = {row["id"] for row in different}
        self._drawn = {key: line for key, line in self._drawn.items() if key[0] not in changed}
        self.changed()
        if on is not None:
            self._keep_place(on, top)
        return True

    def forget(self) -> None:
        """All rows are to come anew."""
        self._rows, self._ids = {}, []
        self._drawn.clear()
        self.complete, self._asked_before = False, None
        self.changed()

    def add_older(self, rows: list[Json], last: bool) -> None:
        self.complete = self.complete or last
        self._asked_before = None
        self.add(rows)

    def go_to(self, group_id: int) -> bool:
        """Put the cursor on this group; False if its row is not here."""
        if group_id not in self._rows:
            return False
        self.put_cursor(self.index_of(group_id))
        self._ask_for_older()
        return True

    def index_of(self, group_id: int) -> int:
        return bisect_left(self._ids, -group_id, key=lambda id_: -id_)

    def neighbour(self, by: int) -> int | None:
        """The id of the group so many rows newer (or, negative, older)."""
        index = self.cursor - by
        return self._ids[index] if 0 <= index < len(self._ids) else None

    def of_next_step(self, by: int) -> int | None:
        """The newest group of the next step that was sampled after (1) or before (-1) the current one's."""
        if self.current_id is None:
            return None
        step = self._rows[self.current_id]["step"]
        steps = {row["step"] for row in self._rows.values() if (row["step"] - step) * by > 0}
        if not steps:
            return None
        wanted = min(steps) if by > 0 else max(steps)
        return max(id_ for id_, row in self._rows.items() if row["step"] == wanted)

    @property
    def current_id(self) -> int | None:
        return self._ids[self.cursor] if self._ids else None

    @property
    def newest_id(self) -> int | None:
        return self._ids[0] if self._ids else None

    @property
    def oldest_id(self) -> int | None:
        return self._ids[-1] if self._ids else None

    def count(self) -> int:
        return len(self._ids)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._ask_for_older()

    def head(self, width: int) -> Content:
        return group_columns(width, "group", "step", "", "mean", "outcomes", "problem")

    def row(self, index: int, width: int) -> Content:
        """A row that has only moved is not drawn again."""
        key = (self._ids[index], width)
        if key not in self._drawn:
            if len(self._drawn) >= MOST_KEPT:
                self._drawn.clear()
            self._drawn[key] = group_line(self._rows[key[0]], width, flag(self._marks.get(key[0], ())))
        return self._drawn[key]

    @property
    def _id_at_top(self) -> int | None:
        top = self.scroll_offset.y
        return self._ids[top] if top and top < len(self._ids) else None

    def _keep_place(self, on: int, top: int | None) -> None:
        self.cursor = self.index_of(on)
        if top is not None:
            self.scroll_to(y=self.index_of(top), animate=False, immediate=True)

    def _move_to(self, index: int) -> None:
        super()._move_to(index)
        self._ask_for_older()

    def _ask_for_older(self) -> None:
        seen = max(self.cursor, self.scroll_offset.y + self.size.height)
        oldest = self.oldest_id
        if self.complete or oldest is None or self._asked_before == oldest or seen < self.count() - NEAR_THE_END:
            return
        self._asked_before = oldest
        self.post_message(self.OlderWanted(oldest))


def group_line(group: Json, width: int, mark: Content) -> Content:
    """One group in a list; `mark` is what a person has marked in it."""
    word = signal_word(group)
    split = "" if group["split"] == "train" else "held-out "
    old = "superseded " if group["superseded"] else ""
    marked = mark.append(" ") if mark else mark
    row = group_columns(
        width,
        f"#{group['id']}",
        str(group["step"]),
        toned(word.mark, word.tone),
        number(group["mean"]),
        outcome_marks(group["outcomes"]),
        marked.append(muted(split + old)).append(outside_line(group["problem"]["prompt"])),
    )
    return muted(row.plain) if group["superseded"] else row


def group_columns(width: int, *cells: Any) -> Content:
    group, step, signal, mean, outcomes, problem = cells
    parts = [right(group, 6), right(step, 5), fit(signal, 1), right(mean, 5), fit(outcomes, 8)]
    used = sum(part.cell_length + 1 for part in parts) + 1
    return Content(" ").join([*parts, fit(problem, max(0, width - used))])
