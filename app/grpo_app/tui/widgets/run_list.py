"""The runs of the folder, newest first."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content

from grpo_app.tui.bars import progress_bar
from grpo_app.tui.keys import key
from grpo_app.tui.paint import fit, marked, muted, outside_line, right, status_word, toned
from grpo_app.tui.widgets.line_list import LineList
from grpo_core.text import clean_line
from grpo_core.types import Json
from grpo_core.views.numbers import UNKNOWN, count

BAR = 10


class RunList(LineList):
    BINDINGS: ClassVar[list[BindingType]] = [key("open", "choose", "Open", show=True)]

    def __init__(self) -> None:
        super().__init__(id="runs")
        self.runs: list[Json] = []

    def show(self, runs: list[Json]) -> None:
        """Keeps the cursor on the run it was on."""
        on = self.current["id"] if self.current else None
        self.runs = runs
        self.cursor = next((index for index, run in enumerate(runs) if run["id"] == on), 0)
        self.changed()

    @property
    def current(self) -> Json | None:
        return self.runs[self.cursor] if self.runs else None

    def count(self) -> int:
        return len(self.runs)

    def head(self, width: int) -> Content:
        return _columns(width, "status", "run", "progress", "step", "groups", "what", "made")

    def row(self, index: int, width: int) -> Content:
        run = self.runs[index]
        step, last = run["step"], run["max_steps"]
        done, rest = progress_bar((step or 0) / last if last else 0.0, BAR)
        what = " · ".join(str(part) for part in (run["model"], run["objective"]) if part)
        return _columns(
            width,
            _status(run),
            outside_line(run["id"]),
            Content(done).append(muted(rest)),
            f"{UNKNOWN if step is None else step}/{last or UNKNOWN}",
            count(run["groups"]),
            muted(clean_line(what)),
            _made(run["created_at"]),
        )


def _columns(
    width: int,
    status: Content | str,
    run: Content | str,
    bar: Content | str,
    step: str,
    groups: str,
    what: Content | str,
    made: str,
) -> Content:
    parts = [fit(status, 13), fit(run, 18 if width < 110 else 32), fit(bar, BAR), right(step, 11), right(groups, 7)]
    used = sum(part.cell_length + 1 for part in parts)
    if width - used >= 40:
        parts.append(fit(made, 16))
        used += 17
    parts.append(fit(what, max(0, width - used - 1)))
    return Content(" ").join([Content(""), *parts])


def _status(run: Json) -> Content:
    """What matters more where there is little room: that it is stalled, was ended early, or that there is more to
    know."""
    if run["notice"]:
        return marked(status_word(run)).append(toned(" !", "warn"))
    if run["stalled"]:
        return toned("! stalled", "warn")
    word = status_word(run)
    early = run["stop_reason"] if run["status"] == "finished" else None
    return marked(replace(word, label=clean_line(str(early))) if early else word)


def _made(created_at: str | None) -> str:
    if not created_at:
        return UNKNOWN
    return datetime.fromisoformat(created_at).astimezone().strftime("%Y-%m-%d %H:%M")
