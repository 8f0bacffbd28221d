"""The store's counts a step as curves beside TRL's metrics, under the keys that charts draw."""

from __future__ import annotations

from collections.abc import Sequence

from grpo_core.store import StepCounts
from grpo_core.views.charts import OUTCOME_KEYS, SIGNAL_KEYS

Series = dict[str, list[tuple[int, float]]]


def count_series(counts: Sequence[StepCounts]) -> Series:
    """Groups by signal and completions by outcome, by step; of several steps added up, at the last one. All
    curves have the same steps."""
    if not counts:
        return {}
    signals = {
        key: [(count.last, float(count.signals.get(signal, 0))) for count in counts]
        for signal, key in SIGNAL_KEYS.items()
    }
    outcomes = {
        key: [(count.last, float(count.outcomes.get(outcome, 0))) for count in counts]
        for outcome, key in OUTCOME_KEYS.items()
    }
    return signals | outcomes
