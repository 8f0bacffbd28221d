"""The two lines above everything: what state the run is in and what it is; how far it has come and what is left."""

from __future__ import annotations

import time

from textual.content import Content

from grpo_app.tui.bars import progress_bar
from grpo_app.tui.paint import bold, fit, marked, muted, status_word, toned
from grpo_app.tui.tail import Pace
from grpo_app.tui.widgets.drawn import Drawn
from grpo_core.runs.status import ENDED
from grpo_core.text import clean_line
from grpo_core.types import Json
from grpo_core.views.numbers import UNKNOWN, duration

TICK = 1.0


class RunHead(Drawn):
    """Ticks while the run goes on, once a second or as slowly as the screen looks, unless it was just drawn: only the
    second line is another."""

    def __init__(self, pace: Pace) -> None:
        super().__init__(id="head")
        self._pace = pace
        self._changed_at = 0.0
        self._run: Json | None = None
        self._phase = ""
        self._asked = ""
        self._seen_at = 0.0

    def on_mount(self) -> None:
        self.set_interval(TICK, self._tick)

    def show(self, run: Json, phase: str, asked: str) -> None:
        """`asked`: what was asked of the run and has not come about yet."""
        if run is not self._run:
            self._seen_at = time.monotonic()
        self._run, self._phase, self._asked = run, phase, asked
        self.changed()

    def changed(self) -> None:
        self._changed_at = time.monotonic()
        super().changed()

    def draw(self, width: int, height: int) -> list[Content]:
        if self._run is None:
            return [muted("Reading the run …")]
        identity = _identity(self._run, self._asked, self._phase, width)
        return [fit(identity, width), fit(_progress(self._run, self._aged, width), width)]

    @property
    def _ticks(self) -> bool:
        run = self._run
        return run is not None and run["status"] not in ENDED and run["elapsed_seconds"] is not None

    @property
    def _aged(self) -> float:
        """Seconds since the run's numbers came."""
        return time.monotonic() - self._seen_at if self._ticks else 0.0

    def _tick(self) -> None:
        if self._ticks and time.monotonic() - self._changed_at >= max(TICK / 2, self._pace.seconds - TICK):
            self.changed()


def _identity(run: Json, asked: str, phase: str, width: int) -> Content:
    room = width - len(phase) - 1
    state = marked(status_word(run))
    if run["stalled"]:
        state = state.append(toned(", stalled", "warn"))
    if run["notice"]:
        # Its first clause: the whole sentence would leave no room for the run's name.
        state = state.append(toned(f", {clean_line(run['notice'].split(':')[0])}", "warn"))
    if asked:
        state = state.append(toned(f"  {asked}", "warn"))
    if run["status"] == "finished" and run["stop_reason"]:
        state = state.append(muted(f"  {clean_line(str(run['stop_reason']))}"))
    parts = [run["model"], run["objective"], run["trainer"] or run["backend"]]
    what = " · ".join(str(part) for part in parts if part)
    line = state.append("  ").append(bold(run["id"])).append("  ").append(muted(clean_line(what)))
    return fit(line, room).append(" ").append(toned(phase, "accent"))


def _progress(run: Json, aged: float, width: int) -> Content:
    step, last = run["step"], run["max_steps"]
    elapsed, left = run["elapsed_seconds"], run["eta_seconds"]
    parts = [f"step {UNKNOWN if step is None else step}/{last or UNKNOWN}"]
    if elapsed is not None:
        parts.append(f"{duration(elapsed + aged)} elapsed")
    if left is not None:
        parts.append(f"{duration(max(0.0, left - aged))} left")
    words = "  ".join(parts)
    done, rest = progress_bar((step or 0) / last if last else 0.0, max(0, width - len(words) - 2))
    return toned(done, "accent").append(muted(rest)).append("  ").append(words)
