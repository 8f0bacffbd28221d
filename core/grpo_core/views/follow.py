"""Following a run: the whole of it once, then only what changed since the last look.

One follower serves any number of viewers of a process; it polls cheap questions (has anybody committed? has the feed
grown?) before dear ones, and returns None when nothing changed, so that nothing is redrawn because a second passed.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from grpo_core.runs import RunFolder, summarise
from grpo_core.runs.autopsy import explain_ending
from grpo_core.runs.checkpoints import checkpoints_of
from grpo_core.runs.control import offered_controls
from grpo_core.runs.status import ENDED
from grpo_core.store import LiveBatch, LiveFeedReader, RunReader
from grpo_core.types import Evaluation, Json
from grpo_core.views.charts import is_drawn
from grpo_core.views.counts import Series, count_series
from grpo_core.views.groups import group_row_json
from grpo_core.views.live import live_json
from grpo_core.views.notes import run_notes, trainer_words

NEWEST_GROUPS = 40
"""Group rows that a first look holds; older ones are paged in when somebody scrolls there."""
FIRST_POINTS = 500
"""Points of a curve that a first look holds, more or less: about as many as a screen has columns to draw them in."""
FIRST_STRETCHES = 200
"""Stretches of steps whose outcomes a first look adds up: each is a column of a stacked chart."""


class RunFollower:
    """Follows one run; use from one thread.

    The first look comes in two parts, so that no poll takes long: all but the curves, and then (`behind`) these. A
    change is a dict with any of: `run` (RUN with `phase`, `elapsed_seconds`, `eta_seconds`, `trainer`),
    `metrics` ({KEY: [(step, value)…]}, new points only; at the first look the drawn curves, a long one's older steps
    averaged), `evals` (new ones; at the first look of many a part), `groups` (new or changed rows, oldest change
    first), `checkpoints` (all), `live` (the generation in progress), `reset` (true: forget all that came before; a
    resume took back what came after its checkpoint).
    """

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self._reader: RunReader = folder.reader()
        self._feed = LiveFeedReader(folder.path)
        self._revision = 0
        self._epoch = 0
        self._data_version: int | None = None
        self._curves_due = False
        self._run: Json | None = None
        self._live: LiveBatch | None = None
        self._checkpoints: list[Json] | None = None

    def close(self) -> None:
        self._reader.close()

    @property
    def behind(self) -> bool:
        """Is there more to be had at once than the last poll gave?"""
        return self._curves_due

    def poll(self) -> Json | None:
        """What changed since the last poll; the first two give all there is. None if nothing did."""
        change: Json = {}
        if self._curves_due:
            with self._reader.snapshot():
                change |= self._first_curves()
        elif self._committed():
            change |= self._stored()
        change |= self._status()
        live = self._feed.poll()
        if live is not None and live is not self._live:
            self._live = live
            change["live"] = live_json(live)
        return change or None

    def _committed(self) -> bool:
        version = self._reader.data_version()
        changed = version != self._data_version
        self._data_version = version
        return changed

    def _stored(self) -> Json:
        with self._reader.snapshot():
            self._counters = self._reader.counters()
            self._facts = self._reader.facts()
            anew = self._began_anew()
            since, self._revision = self._revision, self._counters["revision"]
            change: Json = {"reset": True} if anew else {}
            if groups := self._changed_rows(since):
                change["groups"] = groups
            if since:
                change |= self._new_curves(since)
            elif anew:
                change |= self._first_curves()  # at once: what they replace is on the screens
            else:
                self._curves_due = True
        return change

    def _first_curves(self) -> Json:
        self._curves_due = False
        return _curves(first_curves(self._reader), self._reader.evaluations_thinned())

    def _new_curves(self, since: int) -> Json:
        counts = count_series(self._reader.step_counts_since(since))
        return _curves({**self._reader.metrics_since(since), **counts}, self._reader.evaluations_since(since))

    def _began_anew(self) -> bool:
        """Has a resume taken back points of the curves? Then everything is given again, as at the first look."""
        epoch, self._epoch = self._epoch, self._facts.get("epoch", 0)
        if self._revision == 0 or epoch == self._epoch:
            return False
        self._revision = 0
        return True

    def _changed_rows(self, since: int) -> list[Json]:
        """After a long absence only the newest: a list that was away for an hour does not need every row."""
        if since == 0:
            rows = self._reader.group_rows(limit=NEWEST_GROUPS)[::-1]
        else:
            rows = self._reader.group_rows_changed_since(since, NEWEST_GROUPS)
        return [group_row_json(row) for row in rows]

    def _status(self) -> Json:
        change: Json = {}
        run = run_json(self.folder, self._facts, self._counters)
        if _without_clock(run) != _without_clock(self._run):
            change["run"] = self._run = run
            checkpoints = checkpoints_of(self.folder)
            if checkpoints != self._checkpoints:
                change["checkpoints"] = self._checkpoints = checkpoints
        return change


def _curves(metrics: Series, evaluations: Sequence[Evaluation]) -> Json:
    change: Json = {"metrics": metrics} if metrics else {}
    return change | ({"evals": [evaluation.to_json() for evaluation in evaluations]} if evaluations else {})


def first_curves(reader: RunReader) -> Series:
    """Every drawn metric from the first step to the last; each point the mean of the steps up to its own."""
    metrics = reader.curve_means(filter(is_drawn, reader.metric_keys()), FIRST_POINTS)
    return {**metrics, **count_series(reader.step_counts(points=FIRST_STRETCHES))}


def curves_between(reader: RunReader, first: int, last: int) -> Series:
    """The same between two steps, both in: closer than a first look has them of a long run."""
    keys = [key for key in reader.metric_keys() if is_drawn(key)]
    curves = {key: reader.curve(key, first, last, points=FIRST_POINTS) for key in keys}
    metrics = {key: [(point.last, point.mean) for point in points] for key, points in curves.items()}
    return {**metrics, **count_series(reader.step_counts("train", first, last, points=FIRST_POINTS))}


def run_json(folder: RunFolder, facts: dict[str, Any], counters: dict[str, int]) -> Json:
    """RUN with what the head of a screen needs besides: phase, elapsed and remaining seconds, the class that really
    trains where it is not TRL's (`trainer`), what to know of it besides its settings (`notes`), why it ended if it
    ended badly (`ending`), and what can be done to it now (`controls`)."""
    summary = summarise(folder, facts, counters)
    ended = summary.status in ENDED
    ending = explain_ending(folder, summary.status)
    return {
        **summary.to_json(),
        "phase": None if ended or summary.status == "paused" else facts.get("phase"),
        "elapsed_seconds": elapsed_seconds(facts, ended),
        "eta_seconds": _eta(facts) if summary.status == "running" and not summary.stalled else None,
        "trainer": trainer_words(facts),
        "notes": run_notes(facts),
        "ending": ending.to_json() if ending else None,
        "controls": [control.to_json() for control in offered_controls(folder, summary)],
    }


def elapsed_seconds(facts: dict[str, Any], ended: bool) -> float | None:
    """Seconds that a run has trained, over all its attempts; None if it never began."""
    started = facts.get("started_at")
    if not started:
        return None
    end = facts.get("updated_at") if ended else time.time()
    return (facts.get("seconds_before") or 0.0) + max(0.0, (end or time.time()) - started)


def _eta(facts: dict[str, Any]) -> float | None:
    """From the pace of this attempt's steps, evaluations included. Only what moves has an end in sight."""
    step, last, pace = facts.get("step"), facts.get("max_steps"), facts.get("seconds_per_step")
    return None if step is None or not last or not pace else max(0, last - step) * pace


def _without_clock(run: Json | None) -> Json | None:
    return run and {key: value for key, value in run.items() if key not in ("elapsed_seconds", "eta_seconds")}
