"""One screen about a run as plain text, for `watch`, a log or a chat: how it stands, its numbers, what deserves a look,
its newest groups. Reads as much of a run of a million completions as of a short one.
"""

from __future__ import annotations

from contextlib import closing

from grpo_core.runs import RunFolder
from grpo_core.store import RunReader
from grpo_core.text import clean_line
from grpo_core.types import Json
from grpo_core.views.alert_watch import watch_alerts
from grpo_core.views.counts import count_series
from grpo_core.views.follow import FIRST_POINTS, FIRST_STRETCHES, run_json
from grpo_core.views.numbers import duration
from grpo_core.views.phases import phase_label
from grpo_core.views.plain import plain_run
from grpo_core.views.reference import Reference
from grpo_core.views.show import show_run
from grpo_core.views.tiles import TILE_METRICS

LINES = 24
"""Of one screen; the newest groups take what the rest leaves, and there are always a few."""
FEWEST_GROUPS = 3


def plain_glance(folder: RunFolder, reference: Reference) -> str:
    """The summary. Raises BadReferenceError if the reference points at nothing."""
    with closing(folder.reader()) as reader:
        alerts = watch_alerts(folder, reader).poll() or []
        with reader.snapshot():
            run = run_json(folder, reader.facts(), reader.counters())
            curves = _curves(reader)
    document = show_run(folder, reference, LINES, curves)
    around = plain_run({**document, "groups": []}).split("\n")
    extra = [*_clock(run), *(f"! {clean_line(alert['title'])}" for alert in alerts)]
    room = LINES - len(around) - len(extra) - 2
    head, *rest = plain_run(document, max(FEWEST_GROUPS, room)).split("\n")
    return "\n".join([head, *extra, *rest])


def _curves(reader: RunReader) -> dict[str, list[tuple[int, float]]]:
    """Of the tiles; a long one's older steps averaged."""
    curves = {**reader.curve_means(TILE_METRICS, FIRST_POINTS), **_counts(reader)}
    return {key: points for key, points in curves.items() if key in TILE_METRICS and points}


def _counts(reader: RunReader) -> dict[str, list[tuple[int, float]]]:
    return count_series(reader.step_counts(points=FIRST_STRETCHES))


def _clock(run: Json) -> list[str]:
    """What it does, how long it has been at it, and what is left."""
    parts = [phase_label(run, None)]
    if run["elapsed_seconds"] is not None:
        parts.append(f"{duration(run['elapsed_seconds'])} elapsed")
    if run["eta_seconds"] is not None:
        parts.append(f"about {duration(run['eta_seconds'])} left")
    said = " · ".join(part for part in parts if part)
    return [said] if said else []
