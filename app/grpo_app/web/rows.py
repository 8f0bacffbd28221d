"""Group rows for lists: a page of them, and the newest of each split for whoever starts to look.

An evaluation samples more groups at once than a list shows, so training and held-out groups are paged apart.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from grpo_core.runs import RunFolder
from grpo_core.store import RunReader
from grpo_core.types import Json, Split
from grpo_core.views import group_row_json

SPLITS: tuple[Split, ...] = ("train", "eval")
NEWEST_ROWS = 60
"""Rows of each split that a new viewer gets; older ones are paged in."""
LARGEST_PAGE = 200


class RowQuery(BaseModel):
    """Which rows: those of a step or of a problem, else a page of at most `limit` before the id `before`.
    With `towards` those of the next step later or earlier than `step` that has any."""

    before: int | None = None
    limit: int = 40
    split: Split | None = None
    step: int | None = None
    towards: Literal["later", "earlier"] | None = None
    problem: str | None = None


def find_rows(reader: RunReader, query: RowQuery) -> Json:
    """`groups`, newest first, and whether `more` are left."""
    if query.step is not None:
        step = query.step if query.towards is None else reader.next_step(query.step, query.towards)
        rows, more = reader.group_rows_of_step(step) if step is not None else [], False
    elif query.problem is not None:
        rows, more = reader.group_rows_of_problem(query.problem), False
    else:
        limit = min(max(1, query.limit), LARGEST_PAGE)
        found = reader.group_rows(before=query.before, limit=limit + 1, split=query.split)
        rows, more = found[:limit], len(found) > limit
    return {"groups": [group_row_json(row) for row in rows], "more": more}


def newest_rows(folder: RunFolder) -> list[Json]:
    """The newest rows of each split, oldest first."""
    reader = folder.reader()
    try:
        rows = [row for split in SPLITS for row in reader.group_rows(limit=NEWEST_ROWS, split=split)]
    finally:
        reader.close()
    return [group_row_json(row) for row in sorted(rows, key=lambda row: row.id)]
