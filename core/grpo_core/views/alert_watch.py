"""Watching a run for alerts: reads what they look at, again only after a step has ended, and keeps what it read."""

from __future__ import annotations

import time
from collections.abc import Callable

from grpo_core.store import RunReader
from grpo_core.types import Group, Json
from grpo_core.views.alerts import find_alerts
from grpo_core.views.evidence import Evidence

EARLY_GROUPS, LATE_GROUPS = 16, 64
REST_SECONDS = 4.0
"""Between two looks, however fast steps end."""
CURVE_POINTS = 400
LOOKED_AT = ("reward", "completions/mean_length", "completions/clipped_ratio", "entropy")


class AlertWatch:
    """Watches one run; use from one thread, with a reader of the same thread."""

    def __init__(self, reader: RunReader, clock: Callable[[], float] = time.monotonic) -> None:
        self._reader = reader
        self._clock = clock
        self._groups: dict[int, Group] = {}
        self._early: list[Group] = []
        self._state: tuple[object, ...] | None = None
        self._looked = float("-inf")
        self._given: list[Json] | None = None

    def poll(self) -> list[Json] | None:
        """All alerts there are now, or None if they are those that were given last."""
        if self._clock() - self._looked < REST_SECONDS:
            return None
        state = self._what_counts()
        if state == self._state:
            return None
        self._state, self._looked = state, self._clock()
        alerts = [alert.to_json() for alert in find_alerts(self.evidence())]
        if alerts == self._given:
            return None
        self._given = alerts
        return alerts

    def evidence(self) -> Evidence:
        """What the run shows now."""
        with self._reader.snapshot():
            return Evidence(
                {key: self._curve(key) for key in LOOKED_AT},
                self._reader.evaluations_since(),
                self._first_groups(),
                self._newest_groups(),
            )

    def _curve(self, key: str) -> list[tuple[int, float]]:
        return [(point.last, point.mean) for point in self._reader.curve(key, points=CURVE_POINTS)]

    def _what_counts(self) -> tuple[object, ...]:
        facts = self._reader.facts()
        return facts.get("step"), facts.get("epoch"), facts.get("phase"), self._reader.counters().get("groups")

    def _first_groups(self) -> list[Group]:
        if len(self._early) < EARLY_GROUPS:
            rows = self._reader.group_rows_of_step(1)
            train = [row.id for row in rows if row.split == "train" and not row.superseded]
            self._early = [group for number in train[:EARLY_GROUPS] if (group := self._reader.group(number))]
        return self._early

    def _newest_groups(self) -> list[Group]:
        """Newest first; only those that were not read before are read."""
        rows = self._reader.group_rows(limit=LATE_GROUPS, split="train")
        known = self._groups
        numbers = [row.id for row in rows if not row.superseded]
        self._groups = {}
        for number in numbers:
            group = known.get(number) or self._reader.group(number)
            if group:
                self._groups[number] = group
        return list(self._groups.values())
