"""One group as it is looked at: its problem, its completions, and why one of them earned what it did."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from grpo_app.tui.describe import Why, describe_completion, describe_group, describe_problem
from grpo_app.tui.explaining import Asked
from grpo_app.tui.keys import key
from grpo_app.tui.messages import VerdictExplained
from grpo_app.tui.paint import muted, outcome_word, outside_line
from grpo_app.tui.widgets.completion_list import CompletionList
from grpo_app.tui.widgets.drawn import Box, name_pane
from grpo_app.tui.widgets.finder import marks_by_place
from grpo_app.tui.widgets.reading import ReadingPane
from grpo_core.types import Json

MOST_EXPLAINED = 200
"""Explanations that are kept."""


class GroupSide(Box):
    """`group` is what is shown. The oracle is asked through `explain` once somebody reads."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("0", "screen.completion(0)", "k", key_display="0–9"),
        key("verifier-wrong", "screen.mark('verifier_wrong')", "Mark", show=True),
        key("compare", "screen.compare", "Compare", show=True),
        key("objectives", "screen.objectives", "Objectives", show=True),
    ]

    def __init__(self, explain: Callable[[Asked], None]) -> None:
        super().__init__(id="group")
        self.group: Json | None = None
        self.marks: dict[tuple[int, int], Json] = {}
        self._explain = explain
        self._explained: dict[Hashable, VerdictExplained] = {}
        self._wanted = 0
        self._is_named = False

    def compose(self) -> ComposeResult:
        with Box(id="sampled"):
            yield ReadingPane("problem")
            yield CompletionList()
        yield ReadingPane("detail")

    def on_mount(self) -> None:
        name_pane(self.problem, "Problem")
        name_pane(self.completions, "Completions")
        name_pane(self.detail, "Verdict")

    @property
    def problem(self) -> ReadingPane:
        return self.query_one("#problem", ReadingPane)

    @property
    def completions(self) -> CompletionList:
        return self.query_one(CompletionList)

    @property
    def detail(self) -> ReadingPane:
        return self.query_one("#detail", ReadingPane)

    def want(self, completion: int) -> None:
        """Look at this one of the group that is shown next. Said if it has none of this number."""
        self._wanted, self._is_named = completion, True

    def choose(self, completion: int) -> None:
        """Look at this one now, if the group has it."""
        if self.group and completion < len(self.group["completions"]):
            self._wanted = completion
            self.completions.put_cursor(completion)
            self.show_detail()

    def show(self, group: Json) -> None:
        self.group = group
        name_pane(self.problem, describe_group(group))
        self.problem.show(describe_problem(group["problem"]))
        self.completions.show(group["completions"])
        self._show_marks()
        last = len(group["completions"]) - 1
        self.completions.put_cursor(min(self._wanted, max(0, last)))
        self.show_detail()
        if self._is_named and self._wanted > last:
            self.notify(f"Group {group['id']} has no completion k{self._wanted}, only k0 to k{last}.")
        self._is_named = False

    def show_nothing(self, why: str) -> None:
        self.group = None
        name_pane(self.problem, "Problem")
        self.problem.show(outside_line(why))
        self.completions.show([])
        self.detail.show(muted(""))

    def marks_changed(self, marks: list[Json]) -> None:
        self.marks = marks_by_place(marks)
        self._show_marks()
        self.show_detail(keep_place=True)

    def verdict_explained(self, message: VerdictExplained) -> None:
        while len(self._explained) >= MOST_EXPLAINED:
            del self._explained[next(iter(self._explained))]
        self._explained[message.key] = message
        self.show_detail(keep_place=True)

    def show_detail(self, keep_place: bool = False) -> None:
        completion = self.completions.current
        if completion is None or self.group is None:
            return
        word = outcome_word(completion["verdict"])
        name_pane(self.detail, f"Completion k{completion['index']}  {word.mark} {word.label}")
        why = self._why(self.group, completion)
        content = describe_completion(completion, self.group["problem"], self.completions.limit, why)
        self.detail.show(content, keep_place)

    @on(CompletionList.Moved, "#completions")
    def _moved(self) -> None:
        """Goes on to whom it matters that one was chosen."""
        self._wanted = self.completions.cursor
        self.show_detail()

    def _why(self, group: Json, completion: Json) -> Why:
        """What is known besides."""
        verdict, mark = completion["verdict"], self.marks.get((group["id"], completion["index"]))
        if verdict is None:
            return Why(mark)
        key = (verdict["extracted"], verdict["outcome"], verdict["rule"], verdict["check"], group["problem"]["gold"])
        known = self._explained.get(key)
        if known is not None:
            return Why(mark, known.explanation, known.trouble)
        if self.has_focus_within:
            self._explain(Asked(key, verdict, group["problem"]["gold"]))
        return Why(mark)

    def _show_marks(self) -> None:
        if self.group:
            number = self.group["id"]
            self.completions.show_marks({index: mark for (group, index), mark in self.marks.items() if group == number})
