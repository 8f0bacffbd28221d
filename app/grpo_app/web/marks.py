"""What a person thinks of single completions: marking them, and the marks as cases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from grpo_app.web.encode import json_response
from grpo_core.errors import BadReferenceError
from grpo_core.runs import RunFolder, find_run
from grpo_core.store import MarksDb, export_marks
from grpo_core.views.marks import LONGEST_NOTE, set_mark

WHO = "page"
Kind = Literal["verifier_wrong", "suspicious"]


class NewMark(BaseModel):
    """A mark on one completion; None takes its mark back."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind | None
    note: str = Field("", max_length=LONGEST_NOTE)


def make_marks_router(runs_dir: Path) -> APIRouter:
    router = APIRouter()

    @router.post("/api/runs/{run}/group/{group_id}/k/{index}/mark")
    def mark(run: str, group_id: int, index: int, wanted: NewMark) -> Response:
        folder = find_run(runs_dir, run)
        _require(folder, group_id, index)
        with closing(MarksDb(folder.path)) as marks:
            made = set_mark(marks, group_id, index, wanted.kind, wanted.note, WHO)
        return json_response({"schema": 1, "mark": made.to_json() if made else None})

    @router.get("/api/runs/{run}/marks.jsonl")
    def export(run: str, kind: Annotated[Kind | None, Query()] = None) -> Response:
        folder = find_run(runs_dir, run)
        name = f"{folder.id}-{kind or 'marks'}.jsonl"
        headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingResponse(_lines(folder, kind), 200, headers, "application/x-ndjson")

    return router


def _require(folder: RunFolder, group_id: int, index: int) -> None:
    with closing(folder.reader()) as reader:
        group = reader.group(group_id)
    if group is None or not 0 <= index < len(group.completions):
        raise BadReferenceError(f"There is no completion {folder.id}/group/{group_id}/k/{index}.")


def _lines(folder: RunFolder, kind: Kind | None) -> Iterator[bytes]:
    with closing(folder.reader()) as reader, closing(MarksDb(folder.path)) as marks:
        for line in export_marks(folder.id, reader, marks, kind):
            yield f"{line}\n".encode()
