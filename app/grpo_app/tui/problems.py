"""A run's problems as rows and text: what became of each, and its visits. Pure: draws what `views.problems` gives."""

from __future__ import annotations

from typing import Any

from textual.content import Content

from grpo_app.tui.bars import BARS
from grpo_app.tui.paint import bold, fit, muted, outcome_marks, outside_line, right, toned
from grpo_core.types import Json
from grpo_core.views.numbers import count, percent
from grpo_core.views.problems import COURSE_WORDS, COURSES, Course

NONE_RIGHT = "·"
RATES = 16
"""Visits that a row shows as bars, the newest at the right; on a small screen fewer."""
FEW_RATES, NARROW = 8, 100


def key_of(problem: Json) -> tuple[str, str]:
    """What stays the same from one look to the next."""
    return problem["split"], problem["problem"]["id"]


def rate_bars(rates: list[float], most: int = RATES) -> str:
    """A bar a visit, as high as its share of right answers; a dot where none was right."""
    return "".join(NONE_RIGHT if rate <= 0 else BARS[min(7, int(rate * 8))] for rate in rates[-most:])


def _rates_in(width: int) -> int:
    return FEW_RATES if width < NARROW else RATES


def problem_line(row: Json, width: int) -> Content:
    word = COURSE_WORDS[row["course"]]
    turned = f" at step {row['turned']['step']}" if row["turned"] else ""
    return problem_columns(
        width,
        toned(f"{word.mark} {word.label}", word.tone).append(muted(turned)),
        rate_bars(row["rates"], _rates_in(width)),
        percent(row["last_rate"]),
        count(row["visits"]),
        outside_line(row["problem"]["prompt"]),
    )


def problem_columns(width: int, *cells: Any) -> Content:
    course, bars, rate, visits, prompt = cells
    parts = [fit(course, 24), fit(bars, _rates_in(width)), right(rate, 6), right(visits, 6)]
    used = sum(part.cell_length + 1 for part in parts) + 1
    return Content(" ").join([Content(""), *parts, fit(prompt, max(0, width - used))])


def visit_line(visit: Json, turned: Json | None, course: Course, width: int) -> Content:
    place = f"#{visit['group']}"
    line = Content(f" {visit['step']:>7} {place:>8} {percent(visit['rate']):>6}  ")
    line = line.append(fit(outcome_marks(visit["outcomes"]), 10))
    if turned is not None and turned["group"] == visit["group"]:
        said = f"  since here {percent(turned['after'])}, before {percent(turned['before'])}"
        line = line.append(toned(f"{COURSE_WORDS[course].mark} turned", COURSE_WORDS[course].tone)).append(muted(said))
    return fit(line, width)


def describe_courses(counts: Json, chosen: Course | None) -> Content:
    """How many of the newest problems took each course; the chosen one stands out."""
    parts = []
    for course in COURSES:
        word = COURSE_WORDS[course]
        words = f"{word.mark} {word.label} ".replace(" ", "\u00a0")  # never divided between two lines
        part = toned(words, word.tone).append(bold(count(counts[course])))
        parts.append(part.stylize("reverse") if course == chosen else part)
    return Content("  ").join(parts)


def describe_problem_row(row: Json) -> Content:
    """Which problem it is: where from, its gold answer."""
    problem = row["problem"]
    about = " · ".join(part for part in (problem["level"], problem["source"]) if part)
    return (
        outside_line(problem["prompt"])
        .append(muted("   gold "))
        .append(outside_line(problem["gold"]).stylize("bold"))
        .append(muted("   ").append(outside_line(about).stylize("$foreground-muted")))
    )
