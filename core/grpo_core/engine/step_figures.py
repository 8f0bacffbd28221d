"""What TRL does not log of a step: where its time went, how fast it sampled, how far rewards spread within groups,
and what memory the trainer holds.

`StepFigures` is told as things happen and gives the figures of all that happened since it was last asked.
"""

from __future__ import annotations

import math
import os
import time
from collections import defaultdict
from collections.abc import Sequence

import psutil
import torch

from grpo_core.store.live import Phase
from grpo_core.types import Group

GIB = 1024**3


class StepFigures:
    """The trainer's thread marks phases and counts tokens; the store's thread, which has the groups, adds those."""

    def __init__(self) -> None:
        self._phase: Phase | None = None
        self._since = 0.0
        self._seconds: dict[str, float] = defaultdict(float)
        self._tokens = 0
        self._deviations: list[float] = []
        self._most_reserved = 0
        self._process = psutil.Process(os.getpid())

    def enter(self, phase: Phase | None) -> None:
        """From now on the trainer does this; None: nothing of a step."""
        now = time.perf_counter()
        if self._phase is not None:
            self._seconds[self._phase] += now - self._since
        self._phase, self._since = phase, now

    def count_tokens(self, counts: Sequence[int]) -> None:
        self._tokens += sum(counts)

    def add_groups(self, groups: Sequence[Group]) -> None:
        self._deviations += [group.std for group in groups if group.std is not None]

    def take_times(self) -> dict[str, float]:
        """`phase/…` in seconds, `sampling/tokens_per_second` and `memory/…` in GiB; for the trainer's thread."""
        seconds, self._seconds = self._seconds, defaultdict(float)
        tokens, self._tokens = self._tokens, 0
        figures = {f"phase/{phase}": spent for phase, spent in seconds.items()}
        if tokens and seconds["sample"] > 0:
            figures["sampling/tokens_per_second"] = tokens / seconds["sample"]
        return {**figures, **self._memory()} if seconds else {}

    def take_spread(self) -> dict[str, float]:
        """`group/reward_std`, the mean over groups of each one's standard deviation; for the store's thread."""
        deviations, self._deviations = self._deviations, []
        return {"group/reward_std": math.fsum(deviations) / len(deviations)} if deviations else {}

    def _memory(self) -> dict[str, float]:
        held = {"memory/process_gib": self._process.memory_info().rss / GIB}
        if torch.cuda.is_available():
            self._most_reserved = max(self._most_reserved, torch.cuda.max_memory_reserved())
            held["memory/gpu_gib"] = self._most_reserved / GIB
            held["memory/gpu_step_gib"] = torch.cuda.max_memory_allocated() / GIB
            held["memory/gpu_now_gib"] = torch.cuda.memory_allocated() / GIB
            torch.cuda.reset_peak_memory_stats()
        return held
