"""Finding groups and completions over a whole run: what may be asked, and the routes."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from grpo_app.web.encode import json_response
from grpo_core.runs import find_run
from grpo_core.store import GroupFilter
from grpo_core.types import Decoding, Outcome, Signal, Split
from grpo_core.views.finding import Search, Sort, find_page


class FindQuery(BaseModel):
    """What is looked for; what is not given is left open. `q` is text of the completion; `longest` … sort completions.

    `cursor` is the `next` of the page before.
    """

    model_config = ConfigDict(extra="forbid")

    q: str = Field("", max_length=1000)
    sort: Sort = "newest"
    split: Split | None = None
    decoding: Decoding | None = None
    signal: Signal | None = None
    outcome: Outcome | None = None
    truncated: bool | None = None
    source: str | None = None
    level: str | None = None
    first: int | None = None
    last: int | None = None
    least_tokens: int | None = None
    most_tokens: int | None = None
    cursor: str | None = Field(None, pattern=r"^-?[0-9.e+-]+(:[0-9]+)?$")
    limit: int = Field(40, ge=1, le=200)

    @property
    def wanted(self) -> GroupFilter:
        return GroupFilter(
            outcome=self.outcome,
            truncated=self.truncated,
            tokens=(self.least_tokens, self.most_tokens),
            split=self.split,
            decoding=self.decoding,
            signal=self.signal,
            source=self.source,
            level=self.level,
            steps=(self.first, self.last),
        )


def make_finding_router(runs_dir: Path) -> APIRouter:
    router = APIRouter()

    @router.get("/api/runs/{run}/find")
    def find(run: str, query: Annotated[FindQuery, Query()]) -> Response:
        folder = find_run(runs_dir, run)
        search = Search(query.q, query.wanted, query.sort)
        with closing(folder.reader()) as reader:
            return json_response({"schema": 1, **find_page(folder.path, reader, search, query.cursor, query.limit)})

    @router.get("/api/runs/{run}/sources")
    def sources(run: str) -> Response:
        with closing(find_run(runs_dir, run).reader()) as reader:
            found = [{"source": source, "level": level} for source, level in reader.sources()]
        return json_response({"schema": 1, "sources": found})

    return router
