"""Finding groups and completions over a whole run: filtered, sorted, or by their text.

Filtered groups come newest first; sorted and found ones are completions. Each page costs a bounded amount of looking,
so it may be short and have a `next` to go on from.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from grpo_app.web.encode import json_response
from grpo_core.runs import find_run
from grpo_core.store import GroupFilter, RunReader, SearchIndex
from grpo_core.types import Decoding, Json, Outcome, Signal, Split
from grpo_core.views import completion_row_json, group_row_json, hit_json

INDEXING_SECONDS = 0.25
"""How long a search may bring the index up to date before it looks."""
MOST_PROMPTS = 10
"""Problems whose prompt holds what is searched, each by its newest group, before the completions."""
Sort = Literal["newest", "longest", "shortest", "highest", "lowest"]


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
        if query.q.strip():
            return json_response({"schema": 1, **_searched(folder.path, query)})
        with closing(folder.reader()) as reader:
            return json_response({"schema": 1, **_looked_up(reader, query)})

    @router.get("/api/runs/{run}/sources")
    def sources(run: str) -> Response:
        with closing(find_run(runs_dir, run).reader()) as reader:
            found = [{"source": source, "level": level} for source, level in reader.sources()]
        return json_response({"schema": 1, "sources": found})

    return router


def _looked_up(reader: RunReader, query: FindQuery) -> Json:
    with reader.snapshot():
        if query.sort == "newest":
            return _groups(reader, query)
        return _ranked(reader, query)


def _groups(reader: RunReader, query: FindQuery) -> Json:
    cursor = int(query.cursor) if query.cursor else None
    page = reader.find_groups(query.wanted, cursor=cursor, limit=query.limit)
    total = reader.count_groups(query.wanted)
    return {"groups": [group_row_json(row) for row in page.rows], "next": _text(page.next), "total": total}


def _ranked(reader: RunReader, query: FindQuery) -> Json:
    page = reader.rank_completions(
        query.wanted,
        "token_count" if query.sort in ("longest", "shortest") else "reward",
        highest=query.sort in ("longest", "highest"),
        cursor=_place(query.cursor),
        limit=query.limit,
    )
    following = None if page.next is None else f"{page.next[0]!r}:{page.next[1]}"
    total = reader.count_completions(query.wanted)
    return {"completions": [completion_row_json(row) for row in page.rows], "next": following, "total": total}


def _searched(folder: Path, query: FindQuery) -> Json:
    """Newest first, whatever sort was asked for. `indexed` of `groups` groups could be searched so far."""
    with closing(SearchIndex(folder)) as index:
        index.catch_up(INDEXING_SECONDS)
        before = int(query.cursor) if query.cursor else None
        hits = index.search(query.q, query.wanted, before=before, limit=query.limit)
        prompts = index.search_prompts(query.q, MOST_PROMPTS) if before is None else []
    return {
        "prompts": [group_row_json(hit.group) for hit in prompts if hit.group],
        "completions": [hit_json(hit) for hit in hits.rows],
        "next": _text(hits.next),
        "total": None,
        "indexed": hits.indexed,
        "groups_in_all": hits.groups,
    }


def _place(cursor: str | None) -> tuple[float, int] | None:
    if cursor is None:
        return None
    value, _, id_ = cursor.partition(":")
    return float(value), int(id_ or 0)


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
