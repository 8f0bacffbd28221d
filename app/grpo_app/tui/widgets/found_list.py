"""What was found over the whole run: groups, completions or marks, read a page at a time as one comes to the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textual.content import Content
from textual.message import Message

from grpo_app.tui.paint import UNJUDGED, fit, flag, muted, outside_line, right, toned
from grpo_app.tui.widgets.group_list import group_columns, group_line
from grpo_app.tui.widgets.line_list import LineList
from grpo_core.types import Json
from grpo_core.views import MARK_WORDS, OUTCOME_WORDS
from grpo_core.views.numbers import UNKNOWN, number

NEAR_THE_END = 60
"""Rows before the last at which more are asked for."""
KINDS = ("groups", "completions", "marks")


@dataclass(frozen=True, slots=True)
class Entry:
    """Something found: one of `KINDS`, or `prompts` (a group whose problem fits). `key` is unique among its kind and
    grows with time, `index` None for a group."""

    kind: str
    key: int
    group: int
    index: int | None
    row: Json

    @property
    def place(self) -> tuple[bool, int]:
        """Where it stands in the list: problems whose prompt fits first, then the newest first."""
        return self.kind != "prompts", -self.key


class FoundList(LineList):
    class MoreWanted(Message):
        """The page after the last one is wanted."""

    def __init__(self) -> None:
        super().__init__(id="found")
        self.entries: list[Entry] = []
        self.marks: dict[tuple[int, int], Json] = {}
        self.status = ""
        self._complete = True
        self._waiting = False

    def begin(self) -> None:
        """Something else is looked for."""
        self.entries, self.status = [], "looking …"
        self._complete, self._waiting = False, True
        self.cursor = 0
        self.scroll_to(y=0, animate=False, immediate=True)
        self.changed()

    def add(self, page: Json) -> None:
        """The page after those that are here."""
        known = {entry.place for entry in self.entries}
        self.entries += [entry for entry in entries_of(page) if entry.place not in known]
        self._complete, self._waiting = page["next"] is None, False
        self.changed()
        self._ask_for_more()

    def renew(self, page: Json, whole: bool) -> bool:
        """What was sampled since on top of what is here, the newest first; the cursor stays on its entry. `whole`: what
        is here is no more than a page, so that what follows is what follows this one; returned again."""
        on, fresh = self.current, entries_of(page)
        places = {entry.place for entry in fresh}
        kept = [entry for entry in self.entries if entry.place not in places]
        self.entries = sorted([*fresh, *kept], key=lambda entry: entry.place)
        self.cursor = next((at for at, entry in enumerate(self.entries) if on and entry.place == on.place), 0)
        if whole:
            self._complete, self._waiting = page["next"] is None, False
        self.changed()
        return whole

    @property
    def current(self) -> Entry | None:
        return self.entries[self.cursor] if self.entries else None

    @property
    def complete(self) -> bool:
        return self._complete

    def count(self) -> int:
        return len(self.entries)

    def head(self, width: int) -> Content:
        kind = self.entries[-1].kind if self.entries else None
        if kind in ("groups", "prompts"):
            return group_columns(width, "group", "step", "", "mean", "outcomes", "problem")
        if kind == "completions":
            return _columns(width, "group", "k", "step", "", "reward", "tokens", "text")
        return muted("when" if kind else self.status)

    def row(self, index: int, width: int) -> Content:
        entry = self.entries[index]
        if entry.kind in ("groups", "prompts"):
            return group_line(entry.row, width, flag(self._marks_of(entry.group)))
        return self._completion(entry, width) if entry.kind == "completions" else _mark(entry, width)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._ask_for_more()

    def _move_to(self, index: int) -> None:
        super()._move_to(index)
        self._ask_for_more()

    def _marks_of(self, group: int) -> list[Json]:
        return [mark for (marked, _), mark in self.marks.items() if marked == group]

    def _completion(self, entry: Entry, width: int) -> Content:
        row = entry.row
        word = OUTCOME_WORDS[row["outcome"]] if row["outcome"] else UNJUDGED
        mark = self.marks.get((entry.group, entry.index or 0))
        tokens = UNKNOWN if row["token_count"] is None else f"{row['token_count']}"
        cut = "!" if row["finish_reason"] == "length" else ""
        return _columns(
            width,
            f"#{entry.group}",
            f"k{entry.index}",
            str(row["step"]),
            toned(word.mark, word.tone).append(flag([mark] if mark else [])),
            number(row["reward"]),
            tokens + cut,
            _snippet(row),
        )

    def _ask_for_more(self) -> None:
        seen = max(self.cursor, self.scroll_offset.y + self.size.height)
        if self._complete or self._waiting or seen < self.count() - NEAR_THE_END:
            return
        self._waiting = True
        self.post_message(self.MoreWanted())


def entries_of(page: Json) -> list[Entry]:
    kind = next(each for each in KINDS if each in page)
    prompts = [Entry("prompts", row["id"], row["id"], None, row) for row in page.get("prompts", ())]
    if kind == "groups":
        return [Entry(kind, row["id"], row["id"], None, row) for row in page[kind]]
    key = "id" if kind == "completions" else "number"
    return [*prompts, *(Entry(kind, row[key], row["group"], row["index"], row) for row in page[kind])]


def _snippet(row: Json) -> Content:
    """What stands around the place that was found, which stands out."""
    content = outside_line(row["snippet"])
    for start, end in row["marks"]:
        content = content.stylize("bold underline", start, end)
    return muted("…").append(content) if row.get("cut") else content


def _mark(entry: Entry, width: int) -> Content:
    word = MARK_WORDS[entry.row["kind"]]
    place = Content(f" {f'#{entry.group}':>6} {f'k{entry.index}':<4}")
    head = place.append(toned(f"{word.mark} {word.label}  ", word.tone))
    return fit(head.append(outside_line(entry.row["note"])), width)


def _columns(width: int, *cells: Any) -> Content:
    group, index, step, mark, reward, tokens, text = cells
    parts = [right(group, 7), fit(index, 3), right(step, 5), fit(mark, 2), right(reward, 6), right(tokens, 6)]
    used = sum(part.cell_length + 1 for part in parts) + 1
    return Content(" ").join([*parts, fit(text, max(0, width - used))])
