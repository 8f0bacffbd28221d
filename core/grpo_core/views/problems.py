"""Problems over a run: how often each was solved by visit, which were learnt or forgotten, and at which step it turned.

A visit is a sampled group of the problem: a step of training, or an evaluation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from grpo_core.store import ProblemRow, ProblemVisit, RunReader
from grpo_core.store.problem_lists import ProblemOrder
from grpo_core.types import Json, Split
from grpo_core.views.words import Word

Course = Literal["learnt", "forgotten", "never", "always", "mostly", "seldom", "wavers", "once"]
SPLITS: tuple[Split, ...] = get_args(Split)
COURSES: tuple[Course, ...] = get_args(Course)
COURSE_WORDS: dict[Course, Word] = {
    "learnt": Word("↗", "learnt", "Solved seldom at first and mostly since it turned.", "good"),
    "forgotten": Word("↘", "forgotten", "Solved mostly at first and seldom since it turned.", "bad"),
    "never": Word("○", "never solved", "No sampled answer was ever right.", "bad"),
    "always": Word("●", "always solved", "Every sampled answer was right.", "good"),
    "mostly": Word("◕", "mostly solved", "Most sampled answers were right, without a lasting change.", "good"),
    "seldom": Word("◔", "seldom solved", "Few sampled answers were right, without a lasting change.", "bad"),
    "wavers": Word("~", "wavers", "Solved now and then, without a lasting change.", "muted"),
    "once": Word("·", "seen once", "Sampled once: there is no course yet.", "muted"),
}
CLEAR_CHANGE = 0.3
"""Difference of the mean pass rates before and after a turn that makes it one."""
CLEAR_SHARE = 0.5
"""Share of the variance between visits that such a turn explains; less is chance."""
ENOUGH_VISITS = 5
"""From so many visits on, one alone at an end of them is no turn."""
SOLVED, MOSTLY, SELDOM = 0.5, 0.75, 0.25
COUNTED = 512
"""Problems, the newest first, that the counts are over."""
LOOKED_AT = 2048
"""Problems that are looked through for a page of one course."""
Cursor = tuple[float, int]
ProblemSort = Literal["newest", "visits", "worst", "best", "gained", "lost"]
SORTS: dict[ProblemSort, tuple[ProblemOrder, bool]] = {
    "newest": ("last_group", True),
    "visits": ("visits", True),
    "worst": ("last_rate", False),
    "best": ("last_rate", True),
    "gained": ("change", True),
    "lost": ("change", False),
}
"""Orders that a person can choose; what the store sorts by, and whether the highest comes first."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Between two visits: `place` is the first visit after it; means of the pass rates before and after; the `share` of
    the variance between visits that it explains."""

    place: int
    before: float
    after: float
    share: float


def turn_of(rates: Sequence[float]) -> Turn | None:
    """Where the visits fall apart best into two with different means (least squares); None for fewer than two."""
    count = len(rates)
    variance = sum(rate * rate for rate in rates) / count - (sum(rates) / count) ** 2 if count else 0.0
    best: Turn | None = None
    for place in range(1, count) if variance > 0 else ():
        before, after = sum(rates[:place]) / place, sum(rates[place:]) / (count - place)
        share = place * (count - place) * (after - before) ** 2 / count**2 / variance
        if share > (best.share if best else 0.0):
            best = Turn(place, before, after, share)
    return best


def course_of(rates: Sequence[float]) -> Course:
    """What became of a problem with these pass rates by visit."""
    if len(rates) < 2:
        return "once"
    if min(rates) == 1:
        return "always"
    if max(rates) == 0:
        return "never"
    turn = turn_of(rates)
    if turn and _is_clear(turn, len(rates)):
        if turn.before < SOLVED <= turn.after:
            return "learnt"
        if turn.after < SOLVED <= turn.before:
            return "forgotten"
    mean = sum(rates) / len(rates)
    return "mostly" if mean >= MOSTLY else "seldom" if mean <= SELDOM else "wavers"


def _is_clear(turn: Turn, visits: int) -> bool:
    lasting = min(turn.place, visits - turn.place) >= (1 if visits < ENOUGH_VISITS else 2)
    return lasting and abs(turn.after - turn.before) >= CLEAR_CHANGE and turn.share >= CLEAR_SHARE


def problem_page(
    reader: RunReader,
    order: ProblemOrder = "last_group",
    *,
    highest: bool = True,
    split: Split = "train",
    course: Course | None = None,
    cursor: Cursor | None = None,
    limit: int = 40,
) -> Json:
    """`problems` in this order, and the cursor `next` of what follows, None at the end."""
    found: list[ProblemRow] = []
    for _ in range(max(1, LOOKED_AT // limit)):
        page = reader.list_problems(order, highest=highest, split=split, cursor=cursor, limit=limit)
        found += [row for row in page.rows if course is None or course_of(row.rates) == course]
        cursor = page.next
        if cursor is None or len(found) >= limit:
            break
    return {"problems": [_row(reader, row) for row in found], "next": list(cursor) if cursor else None}


def problems_json(
    reader: RunReader, split: Split | None, sort: ProblemSort, course: Course | None, cursor: Cursor | None, limit: int
) -> Json:
    """What a screen lists: the page, how many took each course, and the split, which None leaves to the run."""
    split = split or telling_split(reader)
    order, highest = SORTS[sort]
    page = problem_page(reader, order, highest=highest, split=split, course=course, cursor=cursor, limit=limit)
    return {"split": split, "counts": course_counts(reader, split), **page}


def named_problem(reader: RunReader, problem_id: str, split: Split | None) -> Json | None:
    """The problem with this id as a page of them shows it, in that split or else where it was sampled; None if it was
    not."""
    asked = [split] if split else [telling_split(reader), *SPLITS]
    rows = (reader.problem_history(problem_id, each) for each in asked)
    return next((_row(reader, row) for row in rows if row), None)


def course_counts(reader: RunReader, split: Split) -> Json:
    """How many of the newest problems took each course, and over how many that is."""
    rows = reader.list_problems(split=split, limit=COUNTED).rows
    counts = Counter(course_of(row.rates) for row in rows)
    return {"of": len(rows), **{course: counts[course] for course in COURSES}}


def telling_split(reader: RunReader) -> Split:
    """Training problems, unless each was seen once only and the held-out ones come again and again."""
    often = {split: _most_visits(reader, split) for split in SPLITS}
    return "eval" if often["train"] <= 1 < often["eval"] else "train"


def visits_json(visits: Sequence[ProblemVisit]) -> list[Json]:
    """The visits of one problem, oldest first."""
    return [
        {"group": visit.group, "step": visit.step, "rate": visit.rate, "outcomes": list(visit.outcomes)}
        for visit in visits
    ]


def _most_visits(reader: RunReader, split: Split) -> int:
    rows = reader.list_problems("visits", split=split, limit=1).rows
    return rows[0].visits if rows else 0


def _row(reader: RunReader, row: ProblemRow) -> Json:
    course = course_of(row.rates)
    return {
        "problem": row.problem.to_json(),
        "split": row.split,
        "visits": row.visits,
        "correct": row.correct,
        "completions": row.completions,
        "first_rate": row.first_rate,
        "last_rate": row.last_rate,
        "rates": list(row.rates),
        "course": course,
        "turned": _turned(reader, row) if course in ("learnt", "forgotten") else None,
        "last_group": row.last_group,
        "last_step": row.last_step,
    }


def _turned(reader: RunReader, row: ProblemRow) -> Json | None:
    """The visit since which it was otherwise."""
    visits = reader.problem_visits(row.problem.id, row.split, len(row.rates))  # type: ignore[arg-type]
    turn = turn_of([visit.rate for visit in visits])
    if turn is None:
        return None
    visit = visits[turn.place]
    return {"step": visit.step, "group": visit.group, "before": turn.before, "after": turn.after}
