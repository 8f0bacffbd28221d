"""The generation in progress as plain data."""

from __future__ import annotations

from grpo_core.store import LiveBatch
from grpo_core.types import Json


def live_json(batch: LiveBatch) -> Json:
    """`streams[g][i]` is completion i of problem g so far."""
    return {
        "number": batch.number,
        "step": batch.step,
        "split": batch.split,
        "phase": batch.phase,
        "problems": [problem.to_json() for problem in batch.problems],
        "streams": [list(streams) for streams in batch.streams],
        "ended": [list(ended) for ended in batch.ended],
    }
