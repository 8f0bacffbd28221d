"""The problems of a run by what became of them, and every visit of one; gives the group that was chosen to be read."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Footer, Static

from grpo_app.tui.keys import key
from grpo_app.tui.messages import ProblemsListed, VisitsListed
from grpo_app.tui.paint import muted
from grpo_app.tui.problems import describe_courses, describe_problem_row, key_of
from grpo_app.tui.screens.alerts import Place
from grpo_app.tui.widgets.problem_lists import ProblemList, VisitList
from grpo_core.errors import GrpoDashError
from grpo_core.runs import RunFolder
from grpo_core.store import RunReader
from grpo_core.types import Json, Split
from grpo_core.views.problems import COURSES, SORTS, Course, ProblemSort, problems_json, visits_json

PAGE = 40
MOST_AGAIN = 200
"""Problems that are read again at most when the run has gone on."""
REFRESH_SECONDS = 5.0
SPLITS: dict[Split, str] = {"train": "training", "eval": "held-out"}
SORT_WORDS: dict[ProblemSort, str] = {
    "newest": "newest visit first",
    "visits": "most visits first",
    "worst": "worst now first",
    "best": "best now first",
    "gained": "largest gain first",
    "lost": "largest loss first",
}


class ProblemsScreen(Screen[Place | None]):
    """Whoever opened it tells it that the run has gone on through `changed`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("course", "course", "Course", show=True),
        key("sort", "sort", "Sort", show=True),
        key("split", "split", "Held-out or training", show=True),
        key("next-pane", "pane"),
        key("previous-pane", "pane"),
        key("back", "back", "Back", show=True),
    ]

    def __init__(self, folder: RunFolder, sort: ProblemSort = "newest", course: Course | None = None) -> None:
        super().__init__()
        self._folder = folder
        self._split: Split | None = None
        self._sort = sort
        self._course = course
        self._next: tuple[float, int] | None = None
        self._ticket = 0
        self._renewing = False

    def compose(self) -> ComposeResult:
        yield Static(id="courses", markup=False)
        yield ProblemList()
        yield Static(id="problem-line", markup=False)
        yield VisitList()
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self._problems.border_title = "Problems"
        self._visits.border_title = "Visits"
        self._problems.focus()
        self._begin()

    def changed(self) -> None:
        """The run has gone on: look again, soon."""
        if not self._renewing:
            self._renewing = True
            self.set_timer(REFRESH_SECONDS, self._renew)

    @property
    def _problems(self) -> ProblemList:
        return self.query_one(ProblemList)

    @property
    def _visits(self) -> VisitList:
        return self.query_one(VisitList)

    @on(ProblemsListed)
    def _listed(self, message: ProblemsListed) -> None:
        if message.ticket != self._ticket:
            return
        if message.trouble is not None:
            self._problems.said = message.trouble
            self._problems.refresh()
            return
        page, before = message.page, [] if message.anew else self._problems.rows
        known = {key_of(row) for row in before}
        self._split = page["split"]
        self._next = None if page["next"] is None else tuple(page["next"])
        self._problems.said = "No problem took this course." if self._course else "No problem was sampled yet."
        self._problems.show(
            [*before, *(row for row in page["problems"] if key_of(row) not in known)], self._next is None
        )
        self._problems.border_title = f"Problems · {SPLITS[page['split']]} · {SORT_WORDS[self._sort]}"
        of = muted(f"of the newest {page['counts']['of']}: ")
        self.query_one("#courses", Static).update(of.append(describe_courses(page["counts"], self._course)))
        self._show_problem()

    @on(VisitsListed)
    def _visits_listed(self, message: VisitsListed) -> None:
        current = self._problems.current
        if current is not None and key_of(current) == message.key:
            self._visits.show(current, message.visits)

    @on(ProblemList.Moved, "#problems")
    def _moved(self, message: ProblemList.Moved) -> None:
        message.stop()
        self._show_problem()

    @on(VisitList.Moved, "#visits")
    def _moved_in_visits(self, message: VisitList.Moved) -> None:
        message.stop()

    @on(ProblemList.MoreWanted)
    def _more_wanted(self, message: ProblemList.MoreWanted) -> None:
        message.stop()
        self._ask(self._next, PAGE, anew=False)

    @on(ProblemList.Chosen, "#problems")
    def _chosen(self, message: ProblemList.Chosen) -> None:
        message.stop()
        self._visits.focus()

    @on(VisitList.Chosen, "#visits")
    def _visit_chosen(self, message: VisitList.Chosen) -> None:
        message.stop()
        if self._visits.current:
            self.dismiss((self._visits.current["group"], None))

    # Keys.

    def action_course(self) -> None:
        """The next course, and all again after the last."""
        courses = [None, *COURSES]
        self._course = courses[(courses.index(self._course) + 1) % len(courses)]
        self._begin()

    def action_sort(self) -> None:
        sorts = list(SORTS)
        self._sort = sorts[(sorts.index(self._sort) + 1) % len(sorts)]
        self._begin()

    def action_split(self) -> None:
        self._split = "train" if self._split == "eval" else "eval"
        self._begin()

    def action_pane(self) -> None:
        (self._problems if self._visits.has_focus else self._visits).focus()

    def action_back(self) -> None:
        if self._visits.has_focus:
            self._problems.focus()
        else:
            self.dismiss(None)

    # Reading.

    def _begin(self) -> None:
        self._problems.begin()
        self._visits.show(None, [])
        self._ask(None, PAGE, anew=True)

    def _renew(self) -> None:
        self._renewing = False
        self._ask(None, max(PAGE, min(MOST_AGAIN, len(self._problems.rows))), anew=True)

    def _ask(self, cursor: tuple[float, int] | None, limit: int, anew: bool) -> None:
        self._ticket += 1
        asked = partial(
            problems_json, split=self._split, sort=self._sort, course=self._course, cursor=cursor, limit=limit
        )
        self.run_worker(partial(self._read, asked, self._ticket, anew), thread=True, name="problems")

    def _read(self, question: Callable[[RunReader], Json], ticket: int, anew: bool) -> None:
        """In a thread."""
        try:
            with closing(self._folder.reader()) as reader, reader.snapshot():
                self.post_message(ProblemsListed(ticket, question(reader), anew))
        except (GrpoDashError, OSError) as error:
            self.post_message(ProblemsListed(ticket, {}, anew, str(error)))

    def _show_problem(self) -> None:
        row = self._problems.current
        line = self.query_one("#problem-line", Static)
        line.update(describe_problem_row(row) if row else muted(""))
        if row is not None:
            self.run_worker(
                partial(self._read_visits, key_of(row)), thread=True, exclusive=True, group="visits", name="visits"
            )

    def _read_visits(self, wanted: tuple[str, str]) -> None:
        """In a thread."""
        try:
            with closing(self._folder.reader()) as reader:
                visits = visits_json(reader.problem_visits(wanted[1], wanted[0]))[::-1]  # type: ignore[arg-type]
        except (GrpoDashError, OSError):
            visits = []
        self.post_message(VisitsListed(wanted, visits))
