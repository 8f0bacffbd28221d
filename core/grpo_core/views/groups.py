"""Groups as plain data: a row for lists, and one group whole with its derived numbers."""

from __future__ import annotations

from grpo_core.store import GroupRow
from grpo_core.types import Group, Json


def group_row_json(row: GroupRow) -> Json:
    """A group in a list: everything but the completions' texts."""
    return {
        "id": row.id,
        "step": row.step,
        "split": row.split,
        "decoding": row.decoding,
        "superseded": row.superseded,
        "signal": row.signal,
        "size": row.size,
        "mean": row.mean,
        "std": row.std,
        "outcomes": list(row.outcomes),
        "rewards": list(row.rewards),
        "created_at": row.created_at,
        "problem": row.problem.to_json(),
    }


def group_json(group: Group) -> Json:
    """One group whole: GROUP of the JSON interface, with its mean and standard deviation."""
    return {**group.to_json(), "mean": group.mean, "std": group.std}
