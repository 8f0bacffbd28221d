"""The JSON routes, the live stream and the redirect of references. Each answer reads the store anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse, RedirectResponse, StreamingResponse

from grpo_app.web.encode import error_response, json_response
from grpo_app.web.live import LiveHub
from grpo_app.web.rows import RowQuery, find_rows
from grpo_core.errors import BadReferenceError, RunError
from grpo_core.runs import find_run
from grpo_core.store import RunReader
from grpo_core.types import Json
from grpo_core.views import (
    ALIKE_WORD,
    MARK_WORDS,
    OUTCOME_WORDS,
    SIGNAL_WORDS,
    STATUS_WORDS,
    STEP_WORDS,
    Reference,
    group_json,
    parse_reference,
    show_run,
)
from grpo_core.views.explain import SCOPE_WORDS
from grpo_core.views.follow import curves_between
from grpo_core.views.phases import PHASE_LABELS
from grpo_core.views.problems import COURSE_WORDS
from grpo_core.views.settings import settings_of

SCHEMA = 1


def make_router(runs_dir: Path, hub: LiveHub) -> APIRouter:
    router = APIRouter()
    _add_readings(router, runs_dir)
    _add_ways(router, hub)
    return router


def _add_readings(router: APIRouter, runs_dir: Path) -> None:
    """A run and what it holds, as it is now."""

    @router.get("/api/runs/{run}")
    def run(run: str) -> Response:
        return json_response(show_run(find_run(runs_dir, run), Reference(run), newest_groups=0))

    @router.get("/api/runs/{run}/groups")
    def groups(run: str, query: Annotated[RowQuery, Query()]) -> Response:
        found = _with_reader(runs_dir, run, lambda reader: find_rows(reader, query))
        return json_response({"schema": SCHEMA, **found})

    @router.get("/api/runs/{run}/group/{group_id}")
    def group(run: str, group_id: int) -> Response:
        return json_response(_with_reader(runs_dir, run, lambda reader: _group(reader, run, group_id)))

    @router.get("/api/runs/{run}/settings")
    def settings(run: str) -> Response:
        return json_response({"schema": SCHEMA, "groups": settings_of(find_run(runs_dir, run))})

    @router.get("/api/runs/{run}/curves")
    def curves(run: str, first: Annotated[int, Query(ge=0)], last: Annotated[int, Query(ge=0)]) -> Response:
        """The drawn curves between two steps, closer than the live stream has them of a long run."""
        found = _with_reader(runs_dir, run, lambda reader: dict(curves_between(reader, first, last)))
        return json_response({"schema": SCHEMA, "metrics": found})


def _add_ways(router: APIRouter, hub: LiveHub) -> None:
    """The words of the project, the stream of a run, and where a reference leads."""

    @router.get("/api/words")
    def words() -> Response:
        return json_response(words_json())

    @router.get("/live/{run}")
    async def live(run: str) -> StreamingResponse:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        folder = await run_in_threadpool(hub.folder, run)
        return StreamingResponse(hub.events(folder), media_type="text/event-stream", headers=headers)

    @router.get("/run/{reference:path}")
    def redirect(reference: str) -> Response:
        try:
            parsed = parse_reference(reference)
        except BadReferenceError as error:
            return PlainTextResponse(f"{error}\n", 404)
        page = "" if str(parsed) == parsed.run else "groups"
        return RedirectResponse(f"../{'../' * reference.strip('/').count('/')}{page}?ref={parsed}", 302)


def words_json() -> Json:
    """What the project's codes are called: read once by the page."""
    return {
        "outcomes": {code: word.to_json() for code, word in OUTCOME_WORDS.items()},
        "signals": {code: word.to_json() for code, word in SIGNAL_WORDS.items()},
        "alike": ALIKE_WORD.to_json(),
        "marks": {code: word.to_json() for code, word in MARK_WORDS.items()},
        "steps": {code: word.to_json() for code, word in STEP_WORDS.items()},
        "statuses": {code: word.to_json() for code, word in STATUS_WORDS.items()},
        "phases": PHASE_LABELS,
        "courses": {code: word.to_json() for code, word in COURSE_WORDS.items()},
        "scopes": SCOPE_WORDS,
    }


async def show_error(_: Request, error: Exception) -> Response:
    """Errors that a person can mend, as their sentence."""
    missing = isinstance(error, RunError | BadReferenceError)
    return error_response(str(error), 404 if missing else 503)


def _with_reader(runs_dir: Path, run: str, question: Callable[[RunReader], Json]) -> Json:
    reader = find_run(runs_dir, run).reader()
    try:
        with reader.snapshot():
            return question(reader)
    finally:
        reader.close()


def _group(reader: RunReader, run: str, group_id: int) -> Json:
    group = reader.group(group_id)
    if group is None:
        raise BadReferenceError(f"There is no group {group_id} in {run}.")
    return {"schema": SCHEMA, "group": group_json(group)}
