"""Groups, the completions of one of them, and why one completion earned what it did: three panes that fold when small.

Holds which group and completion are looked at; what is read from the run comes through `ask` and the screen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.events import DescendantFocus

from grpo_app.tui.describe import describe_completion, describe_group, describe_problem
from grpo_app.tui.keys import key
from grpo_app.tui.paint import muted, outcome_word, outside_line
from grpo_app.tui.tail import Question, load_group, load_older
from grpo_app.tui.widgets.completion_list import CompletionList
from grpo_app.tui.widgets.group_list import GroupList
from grpo_app.tui.widgets.reading import ReadingPane
from grpo_core.types import Json

READING = "-reading"
"""On a small screen: the group is shown, not the list."""


class GroupsView(Container):
    BINDINGS: ClassVar[list[BindingType]] = [
        key("view", "screen.view", "Run", show=True),
        key("later-group", "screen.group(1)", "Group", show=True, shown_as="{ }"),
        Binding("0", "screen.completion(0)", "Completion", key_display="0–9"),
        key("follow", "screen.follow", "Follow", show=True),
        key("ask", "screen.ask", "Ask", show=True),
    ]

    def __init__(self, ask: Callable[[Question], None]) -> None:
        super().__init__(id="groups-view")
        self._ask = ask
        self.following = True
        self.wanted: int | None = None
        self.group: Json | None = None
        self._wanted_completion = 0
        self._named_completion = False
        self._reached_for: int | None = None

    def compose(self) -> ComposeResult:
        yield GroupList()
        with Container(id="group"):
            with Container(id="sampled"):
                yield ReadingPane("problem", can_focus=False)
                yield CompletionList()
            yield ReadingPane("detail")

    def on_mount(self) -> None:
        self.query_one("#problem").border_title = "Problem"
        self.query_one("#completions").border_title = "Completions"
        self.query_one("#detail").border_title = "Verdict"
        self._name_list()

    @property
    def group_list(self) -> GroupList:
        return self.query_one(GroupList)

    @property
    def completions(self) -> CompletionList:
        return self.query_one(CompletionList)

    # What the screen hands in.

    def forget(self) -> None:
        """A resume took back what was known: all rows come anew, and so does the group that is looked at."""
        self.group_list.forget()
        self._reached_for = None
        if self.wanted is not None:
            self._ask(load_group(self.wanted))

    def groups_changed(self, rows: list[Json]) -> None:
        """A row may be as it was though its group is not: an update fills in what a row does not show."""
        if self.wanted in {row["id"] for row in rows}:
            self._ask(load_group(self.wanted or 0))
        if not self.group_list.add(rows):
            return
        self._name_list()
        if self.following and self.group_list.newest_id is not None:
            self.open_group(self.group_list.newest_id)
        self._bring_into_list()

    def older_came(self, rows: list[Json], last: bool) -> None:
        self.group_list.add_older(rows, last)
        self._name_list()
        self._bring_into_list()

    def group_came(self, group: Json | None) -> None:
        """Show it, unless another is wanted by now."""
        if group is None:
            self.show_nothing(f"There is no group {self.wanted} in this run.")
        elif group["id"] == self.wanted:
            self._show(group)

    # What the person does.

    def open_group(self, group_id: int, completion: int | None = None) -> None:
        """Look at this group; it is read even if its row is not in the list yet."""
        if completion is not None:
            self._wanted_completion, self._named_completion = completion, True
        if group_id != self.wanted:
            self.wanted = group_id
            self._ask(load_group(group_id))
        self._bring_into_list()

    def follow(self, following: bool) -> None:
        self.following = following
        self._name_list()
        if following and self.group_list.newest_id is not None:
            self.open_group(self.group_list.newest_id)

    def next_group(self, by: int) -> None:
        self._leave_for(self.group_list.neighbour(by))

    def next_step(self, by: int) -> None:
        self._leave_for(self.group_list.of_next_step(by))

    def choose_completion(self, index: int) -> None:
        if self.group and index < len(self.group["completions"]):
            self._wanted_completion = index
            self.completions.put_cursor(index)
            self.show_detail()

    def next_pane(self, by: int) -> None:
        """Groups, completions, verdict, and round again."""
        panes = ["groups", "completions", "detail"]
        focused = self.screen.focused
        at = panes.index(focused.id) if focused and focused.id in panes else -1 if by > 0 else 0
        self.focus_pane(panes[(at + by) % len(panes)])

    def focus_pane(self, id: str) -> None:
        self.set_class(id != "groups", READING)
        self.query_one(f"#{id}").focus()

    def back(self) -> bool:
        """From the group to the list on a small screen; False if there is nothing to go back from."""
        reading = self.has_class(READING) and not self.group_list.region.width
        if reading:
            self.focus_pane("groups")
        return reading

    @on(GroupList.Moved, "#groups")
    def _moved_in_groups(self, message: GroupList.Moved) -> None:
        message.stop()
        self._leave_for(self.group_list.current_id)

    @on(GroupList.Chosen, "#groups")
    def _chose_group(self, message: GroupList.Chosen) -> None:
        message.stop()
        self.focus_pane("completions")

    @on(GroupList.OlderWanted)
    def _older_wanted(self, message: GroupList.OlderWanted) -> None:
        message.stop()
        self._ask(load_older(message.before))

    @on(CompletionList.Moved, "#completions")
    def _moved_in_completions(self, message: CompletionList.Moved) -> None:
        message.stop()
        self._wanted_completion = self.completions.cursor
        self.show_detail()

    @on(CompletionList.Chosen, "#completions")
    def _chose_completion(self, message: CompletionList.Chosen) -> None:
        message.stop()
        self.focus_pane("detail")

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        reading = event.widget.id != "groups"
        self.set_class(reading, READING)
        if reading and self.following:
            # What somebody reads must not be taken away by the next step.
            self.following = False
            self._name_list()

    # Drawing.

    def _leave_for(self, group_id: int | None) -> None:
        """Going somewhere by hand ends following, unless it is to the newest."""
        if group_id is None:
            return
        self.following = self.following and group_id == self.group_list.newest_id
        self._name_list()
        self.open_group(group_id)

    def _bring_into_list(self) -> None:
        """Put the cursor on the wanted group; read the rows down to it, once, if they are not here."""
        wanted, oldest = self.wanted, self.group_list.oldest_id
        if wanted is None or oldest is None or self.group_list.go_to(wanted):
            return
        if wanted < oldest and self._reached_for != wanted:
            self._reached_for = wanted
            self._ask(load_older(oldest, until=wanted))

    def _show(self, group: Json) -> None:
        self.group = group
        self.query_one("#problem").border_title = describe_group(group)
        self.query_one("#problem", ReadingPane).show(describe_problem(group["problem"]))
        self.completions.show(group["completions"])
        last = len(group["completions"]) - 1
        self.completions.put_cursor(min(self._wanted_completion, max(0, last)))
        self.show_detail()
        if self._named_completion and self._wanted_completion > last:
            self.notify(f"Group {group['id']} has no completion k{self._wanted_completion}, only k0 to k{last}.")
        self._named_completion = False

    def show_nothing(self, why: str) -> None:
        self.group = None
        self.query_one("#problem").border_title = "Problem"
        self.query_one("#problem", ReadingPane).show(outside_line(why))
        self.completions.show([])
        self.query_one("#detail", ReadingPane).show(muted(""))

    def show_detail(self) -> None:
        completion, pane = self.completions.current, self.query_one("#detail", ReadingPane)
        if completion is None or self.group is None:
            return
        word = outcome_word(completion["verdict"])
        pane.border_title = f"Completion k{completion['index']}  {word.mark} {word.label}"
        pane.show(describe_completion(completion, self.group["problem"], self.completions.limit))

    def _name_list(self) -> None:
        self.group_list.border_title = (
            f"Groups · {'following the newest' if self.following else 'f follows the newest'}"
        )
