"""The problems of a run: a page of them by course, and every visit of one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from grpo_app.web.encode import json_response
from grpo_core.runs import find_run
from grpo_core.store import RunReader
from grpo_core.types import Json, Split
from grpo_core.views.problems import Course, ProblemSort, named_problem, problems_json, visits_json

SCHEMA = 1


class ProblemQuery(BaseModel):
    """Which problems; `split` None leaves it to the run which tell more. `problem` is one that is asked for
    besides, wherever it stands. `after` is the cursor that a page gave."""

    split: Split | None = None
    sort: ProblemSort = "newest"
    course: Course | None = None
    limit: int = Field(40, ge=1, le=200)
    problem: str | None = Field(None, max_length=200)
    after: str | None = Field(None, pattern=r"^-?[\d.e+-]+,\d+$")


def make_problems_router(runs_dir: Path) -> APIRouter:
    router = APIRouter()

    @router.get("/api/runs/{run}/problems")
    def problems(run: str, query: Annotated[ProblemQuery, Query()]) -> Response:
        reader = find_run(runs_dir, run).reader()
        try:
            with reader.snapshot():
                return json_response({"schema": SCHEMA, **_page(reader, query)})
        finally:
            reader.close()

    @router.get("/api/runs/{run}/visits")
    def visits(run: str, problem: str, split: Split) -> Response:
        reader = find_run(runs_dir, run).reader()
        try:
            return json_response({"schema": SCHEMA, "visits": visits_json(reader.problem_visits(problem, split))})
        finally:
            reader.close()

    return router


def _page(reader: RunReader, query: ProblemQuery) -> Json:
    value, _, number = (query.after or "").partition(",")
    cursor = (float(value), int(number)) if query.after else None
    page = problems_json(reader, query.split, query.sort, query.course, cursor, query.limit)
    return {**page, "named": named_problem(reader, query.problem, query.split) if query.problem else None}
