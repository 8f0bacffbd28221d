"""A run's alerts as rows and text. Pure: draws what `views.alerts` found.

An alert says what deserves a look and why, never what went wrong; what shows it can be opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content

from grpo_app.tui.paint import outside_line, toned
from grpo_core.types import Json
from grpo_core.views.words import Word

ALERT = Word("!", "worth a look", "Something in the run's numbers deserves a look.", "warn")


@dataclass(frozen=True, slots=True)
class AlertRow:
    """A line of the list: an alert, or with `sample` one of the groups and completions that show it."""

    alert: Json
    sample: Json | None = None

    @property
    def key(self) -> tuple[str, int | None, int | None]:
        """What stays the same while the numbers change."""
        sample = self.sample or {"group": None, "k": None}
        return self.alert["kind"], sample["group"], sample["k"]

    @property
    def place(self) -> tuple[int, int | None] | None:
        """The group, and if it is one the completion, that this row opens; an alert opens its first."""
        sample = self.sample or next(iter(self.alert["samples"]), None)
        return None if sample is None else (sample["group"], sample["k"])


def query_of(more: Json) -> str:
    """What is typed to find all that an alert is about."""
    words = {"true": "yes", "false": "no"}
    return " ".join(f"{name}:{words.get(value, value)}" for name, value in more["where"].items())


def newest_first(before: Sequence[Json], now: Sequence[Json]) -> list[Json]:
    """Those that were not there before come first; the others stay in the order in which they were known."""
    places = {alert["kind"]: place for place, alert in enumerate(before)}
    return sorted(now, key=lambda alert: places.get(alert["kind"], -1))


def alert_rows(alerts: Sequence[Json]) -> list[AlertRow]:
    """Each alert, followed by what shows it."""
    return [row for a in alerts for row in (AlertRow(a), *(AlertRow(a, sample) for sample in a["samples"]))]


def draw_row(row: AlertRow) -> Content:
    if row.sample is None:
        return toned(f" {ALERT.mark} ", ALERT.tone).append(outside_line(row.alert["title"]).stylize("bold"))
    group, k = row.sample["group"], row.sample["k"]
    place = f"#{group}" if k is None else f"#{group} k{k}"
    return Content(f"     {place:<12} ").append(outside_line(row.sample["note"]))


def draw_newest(alerts: Sequence[Json]) -> Content:
    """How many there are, and the newest in words; empty where there is none."""
    if not alerts:
        return Content("")
    head = toned(f"{ALERT.mark} {len(alerts)} {ALERT.label}: ", ALERT.tone)
    return head.append(outside_line(alerts[0]["title"]))


def describe_alert(alert: Json) -> Content:
    """What was seen, in numbers, and what it may come from."""
    title = toned(f"{ALERT.mark} {ALERT.label}  ", ALERT.tone).append(outside_line(alert["title"]))
    return Content("\n").join([title, outside_line(alert["evidence"]), Content(""), outside_line(alert["perhaps"])])
