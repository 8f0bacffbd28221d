"""The list of all runs: its rows, what a person changes in it (name, tags, removal), and runs side by side."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict

from grpo_app.web.encode import encode, error_response, json_response
from grpo_core.errors import GrpoDashError
from grpo_core.runs import find_run
from grpo_core.runs.labels import Labels, write_labels
from grpo_core.runs.remove import remove_run
from grpo_core.types import Json
from grpo_core.views.comparison import compare
from grpo_core.views.overview import Overview
from grpo_core.views.side_by_side import side_by_side

SCHEMA = 1


class Label(BaseModel):
    """What a person calls a run."""

    model_config = ConfigDict(extra="forbid")

    name: str
    tags: list[str] = []


class Listed:
    """Rows for all who look: they are read once at a time, and sent only where they differ from what was seen."""

    def __init__(self, read: Callable[[], list[Json]]) -> None:
        self._read = read
        self._lock = threading.Lock()

    def answer(self, seen: str) -> Json:
        with self._lock:
            rows = self._read()
        mark = hashlib.sha256(encode(rows).encode()).hexdigest()[:16]
        return {"schema": SCHEMA, "mark": mark, "runs": None if mark == seen else rows}


def make_run_list_router(runs_dir: Path) -> APIRouter:
    router, overview = APIRouter(), Overview(runs_dir)
    runs = Listed(lambda: [run.to_json() for run in overview.summaries()])
    table = Listed(overview.rows)

    @router.get("/api/runs")
    def list_runs(seen: str = "") -> Response:
        return json_response(runs.answer(seen))

    @router.get("/api/overview")
    def tell_more_of_runs(seen: str = "") -> Response:
        return json_response(table.answer(seen))

    @router.get("/api/side-by-side")
    def beside(run: Annotated[list[str], Query()]) -> Response:
        return json_response({"schema": SCHEMA, **side_by_side(runs_dir, run)})

    @router.get("/api/compare")
    def paired(first: str, second: str) -> Response:
        try:
            return json_response({"schema": SCHEMA, **compare(runs_dir, first, second).to_json()})
        except GrpoDashError as error:
            return error_response(str(error), 409)

    @router.post("/api/runs/{run}/labels")
    def label(run: str, wanted: Label) -> Response:
        folder = find_run(runs_dir, run)
        try:
            write_labels(folder.path, Labels(wanted.name, tuple(wanted.tags)))
        except GrpoDashError as error:
            return error_response(str(error), 409)
        return json_response({"schema": SCHEMA, "sentence": f"{folder.id} is called {wanted.name.strip()}."})

    @router.post("/api/runs/{run}/delete")
    def delete(run: str) -> Response:
        folder = find_run(runs_dir, run)
        try:
            return json_response({"schema": SCHEMA, "sentence": remove_run(folder)})
        except GrpoDashError as error:
            return error_response(str(error), 409)

    return router
