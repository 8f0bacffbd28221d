"""The runs of the folder, newest first."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.content import Content

from grpo_app.tui.bars import BARS, progress_bar
from grpo_app.tui.keys import key
from grpo_app.tui.paint import fit, marked, muted, outside_line, right, status_word, toned
from grpo_app.tui.widgets.line_list import LineList
from grpo_core.text import clean_line
from grpo_core.types import Json
from grpo_core.views.numbers import UNKNOWN, percent

BAR, SPARK = 8, 16
NARROW, WIDE = 100, 140


class RunList(LineList):
    """Several can be chosen, to be compared."""

    BINDINGS: ClassVar[list[BindingType]] = [key("open", "choose", "Open", show=True)]

    def __init__(self) -> None:
        super().__init__(id="runs")
        self.runs: list[Json] = []
        self._chosen: list[str] = []

    def show(self, runs: list[Json]) -> None:
        """Keeps the cursor on the run it was on."""
        on = self.current["id"] if self.current else None
        self.runs = runs
        self.cursor = next((index for index, run in enumerate(runs) if run["id"] == on), 0)
        self._chosen = [each for each in self._chosen if any(run["id"] == each for run in runs)]
        self.changed()

    def choose(self) -> None:
        """The run under the cursor, or not any more; on to the next."""
        if self.current:
            self._chosen = _toggled(self._chosen, self.current["id"])
            self.refresh()
            self.action_move(1)

    @property
    def chosen_with_current(self) -> list[str]:
        """Ids in the order in which they were chosen; the current one too where it alone was left out."""
        current = [self.current["id"]] if self.current else []
        return self._chosen if len(self._chosen) > 1 else list(dict.fromkeys([*self._chosen, *current]))

    @property
    def current(self) -> Json | None:
        return self.runs[self.cursor] if self.runs else None

    def count(self) -> int:
        return len(self.runs)

    def head(self, width: int) -> Content:
        return _columns(width, "", "status", "", "run", "progress", "step", "best", "course", "made", "what")

    def row(self, index: int, width: int) -> Content:
        run = self.runs[index]
        step, last = run["step"], run["max_steps"]
        done, rest = progress_bar((step or 0) / last if last else 0.0, BAR)
        return _columns(
            width,
            toned("✔" if run["id"] in self._chosen else "", "accent"),
            _status(run),
            _alerts(run),
            outside_line(run["id"]),
            Content(done).append(muted(rest)),
            f"{UNKNOWN if step is None else step}/{last or UNKNOWN}",
            UNKNOWN if run["best"] is None else percent(run["best"]["pass@1"]),
            spark_bars(run["spark"]),
            _made(run["created_at"]),
            _what(run),
        )


def spark_bars(values: list[float]) -> str:
    """The course of what the run solves (or earns), from its lowest to its highest value."""
    shown = values[:: -(-len(values) // SPARK)] if values else []
    low, high = min(shown, default=0.0), max(shown, default=0.0)
    return "".join(BARS[round((value - low) / (high - low) * 7) if high > low else 0] for value in shown)


def _toggled(chosen: list[str], run: str) -> list[str]:
    return [each for each in chosen if each != run] if run in chosen else [*chosen, run]


def _what(run: Json) -> Content:
    """Its name where a person gave it another one, its tags, what it trains and how."""
    named = "" if run["id"].startswith(run["name"]) else f"{run['name']}  "
    tags = "".join(f"#{tag} " for tag in run["tags"])
    what = " · ".join(str(part) for part in (run["model"], run["objective"]) if part)
    return outside_line(named + tags).append(muted(clean_line(what)))


def _columns(width: int, *cells: Any) -> Content:
    """The course and when it was made where there is room."""
    chosen, status, alerts, run, bar, step, best, course, made, what = cells
    parts = [fit(chosen, 1), fit(status, 13), fit(alerts, 2), fit(run, 18 if width < WIDE else 32), fit(bar, BAR)]
    parts += [right(step, 9 if width < NARROW else 11), right(best, 6)]
    parts += [fit(course, SPARK)] if width >= NARROW else []
    parts += [fit(made, 16)] if width >= WIDE else []
    used = sum(part.cell_length + 1 for part in parts)
    return Content(" ").join([*parts, fit(what, max(0, width - used))])


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


def _alerts(run: Json) -> Content:
    """How many things deserve a look; empty where nobody has looked yet."""
    if run["alerts"] is None:
        return Content("")
    return toned(f"!{len(run['alerts'])}", "warn") if run["alerts"] else toned("✓", "good")


def _made(created_at: str | None) -> str:
    if not created_at:
        return UNKNOWN
    return datetime.fromisoformat(created_at).astimezone().strftime("%Y-%m-%d %H:%M")
