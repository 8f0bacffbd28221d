"""Two completions side by side: of one group, or of two groups of the same problem."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from grpo_app.web.encode import json_response
from grpo_core.errors import BadReferenceError
from grpo_core.runs import find_run
from grpo_core.store import RunReader
from grpo_core.types import Group, Json
from grpo_core.views import best_and_worst, compared, visits_of

MOST_VISITS = 200


class Pair(BaseModel):
    """What is compared: completion `left` of the group with completion `right` of the group `beside` (None: the same
    one). Numbers that are not given: the best of the group and its worst, or the best of the one beside it."""

    left: int | None = None
    right: int | None = None
    beside: int | None = None


def make_compare_router(runs_dir: Path) -> APIRouter:
    router = APIRouter()

    @router.get("/api/runs/{run}/group/{group_id}/compare")
    def compare(run: str, group_id: int, pair: Annotated[Pair, Query()]) -> Response:
        reader = find_run(runs_dir, run).reader()
        try:
            with reader.snapshot():
                return json_response(_compare(reader, group_id, pair))
        finally:
            reader.close()

    return router


def _compare(reader: RunReader, group_id: int, pair: Pair) -> Json:
    group = _group(reader, group_id)
    other = group if pair.beside in (None, group_id) else _group(reader, pair.beside or 0)
    best, worst = best_and_worst(group) or (0, 0)
    fitting = worst if other is group else (best_and_worst(other) or (0, 0))[0]
    left = _side(group, best if pair.left is None else pair.left)
    right = _side(other, fitting if pair.right is None else pair.right)
    visits = visits_of(reader.group_rows_of_problem(group.problem.id, MOST_VISITS))
    return {"schema": 1, **compared(left, right), "visits": visits}


def _group(reader: RunReader, group_id: int) -> Group:
    group = reader.group(group_id)
    if group is None or not group.completions:
        raise BadReferenceError(f"There is no group {group_id} here.")
    return group


def _side(group: Group, index: int) -> tuple[Group, int]:
    if not 0 <= index < len(group.completions):
        raise BadReferenceError(f"Group {group.id} has completions 0 to {len(group.completions) - 1}.")
    return group, index
