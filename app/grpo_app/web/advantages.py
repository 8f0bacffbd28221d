"""What a group's completions would have weighed under other objectives."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from fastapi import APIRouter, Response

from grpo_app.web.encode import json_response
from grpo_core.runs import find_run
from grpo_core.views import objectives_of_group


def make_advantages_router(runs_dir: Path) -> APIRouter:
    router = APIRouter()

    @router.get("/api/runs/{run}/group/{group_id}/advantages")
    def advantages(run: str, group_id: int) -> Response:
        folder = find_run(runs_dir, run)
        with closing(folder.reader()) as reader, reader.snapshot():
            return json_response({"schema": 1, **objectives_of_group(reader, folder, group_id)})

    return router
