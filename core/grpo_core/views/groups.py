"""Groups and completions as plain data: rows for lists, and one group whole with its derived numbers."""

from __future__ import annotations

from grpo_core.store import CompletionRow, GroupRow, SearchHit
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


def completion_row_json(row: CompletionRow) -> Json:
    """A completion in a list, with the beginning of its text."""
    return {
        "id": row.id,
        "group": row.group,
        "index": row.index,
        "step": row.step,
        "split": row.split,
        "decoding": row.decoding,
        "superseded": row.superseded,
        "signal": row.signal,
        "outcome": row.outcome,
        "finish_reason": row.finish_reason,
        "token_count": row.token_count,
        "reward": row.reward,
        "advantage": row.advantage,
        "snippet": row.opening,
        "marks": [],
        "prompt": row.problem.prompt,
    }


def hit_json(hit: SearchHit) -> Json:
    """A completion that was found: its row, with what stands around the place, and the places within that."""
    return {
        **completion_row_json(hit.completion),
        "snippet": hit.snippet,
        "marks": [list(span) for span in hit.marks],
        "cut": hit.start > 0,
    }


def group_json(group: Group) -> Json:
    """One group whole: GROUP of the JSON interface, with its mean and standard deviation."""
    return {**group.to_json(), "mean": group.mean, "std": group.std}
