"""The groups of a run beside the one that is looked at, in panes that fold when small.

Holds which group that is; what is read from the run comes through `ask` and the screen.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import DescendantFocus

from grpo_app.tui.explaining import Asked
from grpo_app.tui.keys import key
from grpo_app.tui.query import Wanted
from grpo_app.tui.tail import Question, load_group, load_older
from grpo_app.tui.widgets.completion_list import CompletionList
from grpo_app.tui.widgets.drawn import Box, name_pane
from grpo_app.tui.widgets.finder import Finder
from grpo_app.tui.widgets.found_list import FoundList
from grpo_app.tui.widgets.group_list import GroupList
from grpo_app.tui.widgets.group_side import GroupSide
from grpo_core.runs import RunFolder
from grpo_core.types import Json

LOOKS, MOST_SECONDS = 10, 25.0
"""A group that is followed to stays for so many looks at the run, but no longer: less is not read, and is drawn and
sent for nobody."""
DETAIL = "-detail"
"""On a small screen: nothing but the completion that is read."""
READING = "-reading"
"""On a small screen: the group is shown, not the list."""


class GroupsView(Box):
    BINDINGS: ClassVar[list[BindingType]] = [
        key("view", "screen.view", "Run", show=True),
        key("later-group", "screen.group(1)", "Group", show=True, shown_as="{ }"),
        key("next-found", "found(1)"),
        key("previous-found", "found(-1)"),
    ]

    def __init__(self, folder: RunFolder, ask: Callable[[Question], None], explain: Callable[[Asked], None]) -> None:
        super().__init__(id="groups-view")
        self._folder = folder
        self.ask = ask
        self._explain = explain
        self.following = True
        self.wanted: int | None = None
        self._reached_for: int | None = None
        self._outdated = False
        self._catches_up = False
        self._caught_up_at = 0.0

    def compose(self) -> ComposeResult:
        yield Finder(self._folder, self.ask)
        yield GroupSide(self._explain)

    def on_mount(self) -> None:
        self._name_list()

    @property
    def group_list(self) -> GroupList:
        return self.query_one(GroupList)

    @property
    def side(self) -> GroupSide:
        return self.query_one(GroupSide)

    @property
    def group(self) -> Json | None:
        """The one that is shown."""
        return self.side.group

    @property
    def completions(self) -> CompletionList:
        return self.side.completions

    @property
    def focused_id(self) -> str | None:
        return self.screen.focused.id if self.screen.focused else None

    @property
    def finder(self) -> Finder:
        return self.query_one(Finder)

    # What the screen hands in.

    def forget(self) -> None:
        """A resume took back what was known: all rows come anew, and so does the group that is looked at."""
        self.group_list.forget()
        if self.finder.finding:
            self.finder.look_for(self.finder.wanted)
        self._reached_for = None
        if self.wanted is not None:
            self.ask(load_group(self.wanted))

    def groups_changed(self, rows: list[Json]) -> None:
        """A row may be as it was though its group is not: an update fills in what a row does not show."""
        self._outdated = self._outdated or self.wanted in {row["id"] for row in rows}
        self.finder.groups_changed()
        if self.group_list.add(rows):
            self._bring_into_list()
        if self.wanted is None:
            self.catch_up()
        elif self.display and not self._catches_up:
            self._catches_up = True
            stays = min(LOOKS * self.app.pace.seconds, MOST_SECONDS)  # type: ignore[attr-defined]
            self.set_timer(max(0.001, self._caught_up_at + stays - time.monotonic()), self.catch_up)

    def catch_up(self) -> None:
        """Read what has changed since somebody looked: another group that is the newest, or the one that is shown."""
        self._catches_up, self._caught_up_at = False, time.monotonic()
        newest = self.group_list.newest_id
        if self.following and newest not in (None, self.wanted):
            self.open_group(newest)
        elif self._outdated and self.wanted is not None:
            self.ask(load_group(self.wanted))
        self._outdated = False

    def older_came(self, rows: list[Json], last: bool) -> None:
        self.group_list.add_older(rows, last)
        self._name_list()
        self._bring_into_list()

    def group_came(self, group: Json | None) -> None:
        """Show it, unless another is wanted by now."""
        if group is None:
            self.side.show_nothing(f"There is no group {self.wanted} in this run.")
        elif group["id"] == self.wanted:
            self.side.show(group)

    def marks_changed(self, marks: list[Json]) -> None:
        self.side.marks_changed(marks)
        self.group_list.show_marks(marks)
        self.finder.marks_changed(self.side.marks)

    # What the person does.

    def open_group(self, group_id: int, completion: int | None = None) -> None:
        """Look at this group; it is read even if its row is not in the list yet."""
        if completion is not None:
            self.side.want(completion)
        if group_id != self.wanted:
            self.wanted = group_id
            self.ask(load_group(group_id))
        self._bring_into_list()

    def follow(self, following: bool) -> None:
        self.following = following
        self._name_list()
        if following and self.finder.finding:
            self.finder.look_for(Wanted())
        if following and self.group_list.newest_id is not None:
            self.open_group(self.group_list.newest_id)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The next one found: while something is looked for. Else the key may mean something to the screen."""
        return self.finder.finding if action == "found" else True

    def action_found(self, by: int) -> None:
        """The next of what was found, wherever the focus is."""
        self.finder.found.action_move(by)

    def next_group(self, by: int) -> None:
        if self.finder.finding:
            self.finder.found.action_move(-by)
            return
        self._leave_for(self.group_list.neighbour(by))

    def next_step(self, by: int) -> None:
        self._leave_for(self.group_list.of_next_step(by))

    def next_pane(self, by: int) -> None:
        """Groups, completions, verdict, the problem where there is more of it than in sight, and round again."""
        panes = [self.finder.shown_list.id, "completions", "detail"]
        panes += ["problem"] if self.side.problem.max_scroll_y or self.focused_id == "problem" else []
        at = panes.index(self.focused_id) if self.focused_id in panes else -1 if by > 0 else 0
        self.focus_pane(panes[(at + by) % len(panes)] or "groups")

    def focus_pane(self, id: str) -> None:
        """`groups` is the list, whatever it lists."""
        self.set_class(id != "groups", READING)
        (self.finder.shown_list if id == "groups" else self.query_one(f"#{id}")).focus()

    def back(self) -> bool:
        """From the group to the list on a small screen, then from what was found to all; False if there is nothing to
        go back from."""
        reading = self.has_class(READING) and not self.finder.region.width
        if self.finder.bar.is_open:
            self.finder.close_bar()
        elif reading and self.has_class(DETAIL):
            self.focus_pane("completions")
        elif reading:
            self.focus_pane("groups")
        elif self.finder.finding:
            self.finder.look_for(Wanted())
        else:
            return False
        return True

    def find(self) -> None:
        self.set_class(False, READING)
        self.finder.open_bar()

    @on(GroupList.Moved, "#groups")
    def _moved_in_groups(self, message: GroupList.Moved) -> None:
        message.stop()
        self._leave_for(self.group_list.current_id)

    @on(FoundList.Moved, "#found")
    def _moved_in_found(self, message: FoundList.Moved) -> None:
        message.stop()
        self._open_found()

    @on(Finder.Changed)
    def _other_things_listed(self, message: Finder.Changed) -> None:
        """Open the first of what was found; all groups again: keep to the one that is looked at."""
        message.stop()
        if self.finder.finding:
            self._open_found()
        elif self.wanted is not None:
            self.group_list.go_to(self.wanted)

    @on(GroupList.Chosen, "#groups")
    @on(FoundList.Chosen, "#found")
    def _chose_group(self, message: GroupList.Chosen) -> None:
        message.stop()
        self.focus_pane("completions")

    @on(GroupList.OlderWanted)
    def _older_wanted(self, message: GroupList.OlderWanted) -> None:
        message.stop()
        self.ask(load_older(message.before))

    @on(CompletionList.Chosen, "#completions")
    def _chose_completion(self, message: CompletionList.Chosen) -> None:
        message.stop()
        self.focus_pane("detail")

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        reading = event.widget.id in ("completions", "detail", "problem")
        self.set_class(reading, READING)
        self.set_class(event.widget.id == "detail", DETAIL)
        if reading and self.following:
            # What somebody reads must not be taken away by the next step.
            self.following = False
            self._name_list()
        if reading:
            self.side.show_detail(keep_place=True)

    # Going there.

    def _open_found(self) -> None:
        entry = self.finder.found.current
        if entry is None:
            return
        self.following = False
        index = entry.index if entry.index is not None else self._first_wanted(entry.row)
        if entry.group == self.wanted and self.group and index is not None:
            self.side.choose(index)
        else:
            self.open_group(entry.group, index)

    def _first_wanted(self, row: Json) -> int | None:
        """Of a group that was found for how its completions turned out, the first that did."""
        outcome = self.finder.wanted.search.wanted.outcome
        return row["outcomes"].index(outcome) if outcome in row.get("outcomes", ()) else None

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
        if self.finder.finding or wanted is None or oldest is None or self.group_list.go_to(wanted):
            return
        if wanted < oldest and self._reached_for != wanted:
            self._reached_for = wanted
            self.ask(load_older(oldest, until=wanted))

    def _name_list(self) -> None:
        name_pane(self.group_list, f"Groups · {'following the newest' if self.following else 'f follows the newest'}")
