"""What a group's completions would have weighed under other objectives."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from fastapi import APIRouter, Response

from grpo_app.web.encode import json_response
from grpo_core.config import RunConfig
from grpo_core.errors import BadReferenceError
from grpo_core.runs import RunFolder, find_run
from grpo_core.store import GroupFilter, RunReader
from grpo_core.types import Group, Json
from grpo_core.views import compared_objectives


def make_advantages_router(runs_dir: Path) -> APIRouter:
    router = APIRouter()

    @router.get("/api/runs/{run}/group/{group_id}/advantages")
    def advantages(run: str, group_id: int) -> Response:
        folder = find_run(runs_dir, run)
        with closing(folder.reader()) as reader, reader.snapshot():
            return json_response({"schema": 1, **_advantages(reader, folder, group_id)})

    return router


def _advantages(reader: RunReader, folder: RunFolder, group_id: int) -> Json:
    group = reader.group(group_id)
    if group is None:
        raise BadReferenceError(f"There is no group {group_id} in {folder.id}.")
    used = reader.count_groups(GroupFilter(split="train", signal="mixed"))
    groups = reader.count_groups(GroupFilter(split="train"))
    return compared_objectives(group, _step_rewards(reader, group), _config(folder), used, groups)


def _step_rewards(reader: RunReader, group: Group) -> list[tuple[float | None, ...]]:
    """Of the groups that were sampled together with this one."""
    rows = reader.group_rows_of_step(group.step)
    alike = (group.split, group.decoding, group.superseded)
    return [row.rewards for row in rows if (row.split, row.decoding, row.superseded) == alike]


def _config(folder: RunFolder) -> RunConfig | None:
    """None for a run whose trainer is somebody's own script."""
    return folder.config() if folder.config_file.is_file() else None
