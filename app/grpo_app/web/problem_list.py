"""The problems of a run: a page of them by course, and every visit of one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from grpo_app.web.encode import json_response
from grpo_core.runs import find_run
from grpo_core.store import RunReader
from grpo_core.types import Json, Split
from grpo_core.views.problems import Course, course_counts, problem_page, telling_split, visits_json

SCHEMA = 1
Sort = Literal["newest", "visits", "worst", "best", "gained", "lost"]
_SORTS: dict[Sort, tuple[Literal["last_group", "visits", "last_rate", "change"], bool]] = {
    "newest": ("last_group", True),
    "visits": ("visits", True),
    "worst": ("last_rate", False),
    "best": ("last_rate", True),
    "gained": ("change", True),
    "lost": ("change", False),
}


class ProblemQuery(BaseModel):
    """Which problems; `split` None leaves it to the run which tell more. `after` is the cursor that a page gave."""

    split: Split | None = None
    sort: Sort = "newest"
    course: Course | None = None
    limit: int = Field(40, ge=1, le=200)
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
    split = query.split or telling_split(reader)
    order, highest = _SORTS[query.sort]
    value, _, number = (query.after or "").partition(",")
    cursor = (float(value), int(number)) if query.after else None
    page = problem_page(
        reader, order, highest=highest, split=split, course=query.course, cursor=cursor, limit=query.limit
    )
    return {"split": split, "counts": course_counts(reader, split), **page}
