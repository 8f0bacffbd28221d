"""What deserves a look in each of many runs, for a list of them: looked for a few runs at a time, and kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from grpo_core.runs import RunFolder
from grpo_core.views.alert_watch import watch_alerts

A_LOOK = 3
"""Runs that are looked through at most each time that the list is asked for: one takes some 30 ms."""
REST_SECONDS = 30.0
"""Between two looks through one run that goes on."""
Stamp = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Known:
    stamp: Stamp
    at: float
    titles: list[str] | None


class AlertTitles:
    """By run. `stamp` is what changes whenever somebody wrote to it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[str, Known] = {}
        self._left, self._next = 0, 0

    def begin(self) -> None:
        """A list is asked for. The first time it comes without: it should be there soon."""
        self._left, self._next = self._next, A_LOOK

    def of(self, folder: RunFolder, stamp: Stamp) -> list[str] | None:
        """The titles of its alerts when it was looked through last; None before that, or if that cannot be done."""
        known = self._known.get(folder.id)
        is_old = known is None or (known.stamp != stamp and self._clock() - known.at >= REST_SECONDS)
        if is_old and self._left > 0:
            self._left -= 1
            known = self._known[folder.id] = Known(stamp, self._clock(), _titles(folder))
        return known.titles if known else None


def _titles(folder: RunFolder) -> list[str] | None:
    """None for a run that cannot be looked through."""
    try:
        with closing(folder.reader()) as reader:
            return [alert["title"] for alert in watch_alerts(folder, reader).poll() or []]
    except Exception:  # noqa: BLE001 - a damaged file gives what it likes; whoever opens the run is told
        return None
