"""What the keys do to the completion that is looked at: mark it, compare it, judge it again, ask its problem."""

from __future__ import annotations

from functools import partial

from textual.screen import Screen

from grpo_app.tui.finding import mark
from grpo_app.tui.messages import Said
from grpo_app.tui.say import say
from grpo_app.tui.screens.compare import CompareScreen
from grpo_app.tui.screens.judged import JudgedScreen
from grpo_app.tui.screens.note import LinePrompt
from grpo_app.tui.screens.objectives import ObjectivesScreen
from grpo_app.tui.widgets.groups_view import GroupsView
from grpo_core.runs import RunFolder
from grpo_core.runs.explainer import Explainer
from grpo_core.store.marks import MarkKind
from grpo_core.views import MARK_WORDS


class CompletionActions(Screen[None]):
    """For a screen with a `GroupsView`; where that is not in sight they do nothing."""

    def __init__(self, folder: RunFolder, explainer: Explainer) -> None:
        super().__init__()
        self.folder = folder
        self._explainer = explainer

    @property
    def groups(self) -> GroupsView:
        return self.query_one(GroupsView)

    def action_ask(self) -> None:
        """To the playground, with the problem of the group that is looked at."""
        if self.groups.display and self.groups.group:
            self.app.ask_about(self.folder.id, self.groups.group["problem"])  # type: ignore[attr-defined]

    def action_mark(self, kind: MarkKind) -> None:
        """The same again takes the mark back. What is odd is asked for."""
        place = self._place()
        if place is None:
            return
        known = self.groups.side.marks.get(place)
        if known is not None and known["kind"] == kind:
            self._mark(place, None, "")
        elif kind == "suspicious":
            self.app.push_screen(
                LinePrompt(f"What is odd about k{place[1]} of #{place[0]}?", "marks it", "a note, or nothing"),
                partial(self._mark_noted, place),
            )
        else:
            self._mark(place, kind, "")

    def action_compare(self) -> None:
        """Best against worst of the group."""
        if place := self._place():
            self.app.push_screen(CompareScreen(self.folder, place[0]))

    def action_objectives(self) -> None:
        if place := self._place():
            self.app.push_screen(ObjectivesScreen(self.folder, place[0]))

    def action_judge_again(self) -> None:
        """With a gold answer that is asked for."""
        if place := self._place():
            asked = f"Judge k{place[1]} of #{place[0]} against which gold answer?"
            gold = self.groups.group["problem"]["gold"] if self.groups.group else ""
            self.app.push_screen(LinePrompt(asked, "judges it", proposed=gold), self._judge_again)

    def _judge_again(self, gold: str | None) -> None:
        completion, group = self.groups.completions.current, self.groups.group
        if gold and completion and group:
            self.app.push_screen(JudgedScreen(self._explainer, completion, group["problem"], gold))

    def _mark_noted(self, place: tuple[int, int], note: str | None) -> None:
        if note is not None:
            self._mark(place, "suspicious", note)

    def _mark(self, place: tuple[int, int], kind: MarkKind | None, note: str) -> None:
        """Said, too: on a small screen the completion is not always in sight."""
        self.groups.ask(mark(self.folder, *place, kind, note))
        word = "no longer marked" if kind is None else f"marked: {MARK_WORDS[kind].label}"
        say(self, Said(f"k{place[1]} of #{place[0]} is {word}."))

    def _place(self) -> tuple[int, int] | None:
        """The group and completion that are looked at."""
        completion = self.groups.completions.current
        if not self.groups.display or self.groups.group is None or completion is None:
            return None
        return self.groups.group["id"], completion["index"]
