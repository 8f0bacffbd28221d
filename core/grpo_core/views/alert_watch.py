"""Watching a run for alerts: reads what they look at, again only after a step has ended, and keeps what it read."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from grpo_core.errors import GrpoDashError
from grpo_core.runs import RunFolder
from grpo_core.store import ProblemRow, RunReader
from grpo_core.types import Group, Json, Split
from grpo_core.views.alerts import find_alerts
from grpo_core.views.evidence import Evidence

EARLY_GROUPS, LATE_GROUPS = 16, 64
SPLITS: tuple[Split, ...] = ("train", "eval")
PROBLEMS = 512
"""Problems of each split that are looked at, those with most visits first."""
UNSOLVED, VISITS_OF_UNSOLVED, FEWEST_VISITS = 16, 3, 2
REST_SECONDS = 4.0
"""Between two looks, however fast steps end."""
CURVE_POINTS = 400
LOOKED_AT = ("reward", "completions/mean_length", "completions/clipped_ratio", "entropy", "grad_norm")


def watch_alerts(folder: RunFolder, reader: RunReader) -> AlertWatch:
    """A watch over this run, with the weights of its settings where there are any that can be read."""
    weights: Mapping[str, float] = {}
    with suppress(GrpoDashError, OSError):
        weights = folder.config().rewards
    return AlertWatch(reader, weights=weights)


class AlertWatch:
    """Watches one run; use from one thread, with a reader of the same thread. `weights` are the reward functions'."""

    def __init__(
        self,
        reader: RunReader,
        clock: Callable[[], float] = time.monotonic,
        weights: Mapping[str, float] | None = None,
    ) -> None:
        self._reader = reader
        self._clock = clock
        self._weights = weights or {}
        self._groups: dict[int, Group] = {}
        self._disputed: dict[int, Group] = {}
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
            histories = self._histories()
            return Evidence(
                {key: self._curve(key) for key in LOOKED_AT},
                self._reader.evaluations_since(),
                self._first_groups(),
                self._newest_groups(),
                histories,
                self._unsolved(histories),
                self._weights,
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
        self._groups = self._read([row.id for row in rows if not row.superseded], self._groups)
        return list(self._groups.values())

    def _histories(self) -> list[ProblemRow]:
        pages = (self._reader.list_problems("visits", split=split, limit=PROBLEMS) for split in SPLITS)
        return [row for page in pages for row in page.rows]

    def _unsolved(self, histories: Sequence[ProblemRow]) -> list[list[Group]]:
        """Of the training problems that were sampled again and never solved, the newest groups of each."""
        rows = [row for row in histories if row.split == "train" and row.visits >= FEWEST_VISITS and not row.correct]
        visits = [
            self._reader.problem_visits(row.problem.id, limit=VISITS_OF_UNSOLVED)[::-1] for row in rows[:UNSOLVED]
        ]
        numbers = [[visit.group for visit in own] for own in visits]
        self._disputed = self._read([number for own in numbers for number in own], self._disputed)
        found = ([self._disputed[number] for number in own if number in self._disputed] for own in numbers)
        return [groups for groups in found if groups]

    def _read(self, numbers: Sequence[int], known: Mapping[int, Group]) -> dict[int, Group]:
        read = ((number, known.get(number) or self._reader.group(number)) for number in numbers)
        return {number: group for number, group in read if group}
