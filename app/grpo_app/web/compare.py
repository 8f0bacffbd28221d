"""Two completions side by side: of one group, or of two groups of the same problem."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from grpo_app.web.encode import json_response
from grpo_core.runs import find_run
from grpo_core.views import compare_pair


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
                found = compare_pair(reader, group_id, pair.left, pair.right, pair.beside)
                return json_response({"schema": 1, **found})
        finally:
            reader.close()

    return router
