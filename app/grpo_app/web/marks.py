"""What a person thinks of single completions: marking them, the marks as the live stream follows them, and as cases."""

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
from grpo_core.store import Mark, MarksDb, export_marks
from grpo_core.types import Json

WHO = "page"
FOLLOWED_MARKS = 500
"""The newest ones, which every viewer gets; the export has all."""
LONGEST_NOTE = 2000
Kind = Literal["verifier_wrong", "suspicious"]


class NewMark(BaseModel):
    """A mark on one completion; None takes its mark back."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind | None
    note: str = Field("", max_length=LONGEST_NOTE)


class MarkLog:
    """The newest marks of a run, read again only when one changed; use from one thread."""

    def __init__(self, folder: RunFolder) -> None:
        self._marks = MarksDb(folder.path)
        self._version: int | None = None

    def poll(self) -> list[Json] | None:
        """Newest first; None if they are what was given last."""
        version = self._marks.data_version()
        if version == self._version:
            return None
        self._version = version
        return [mark.to_json() for mark in self._marks.page(limit=FOLLOWED_MARKS)]

    def close(self) -> None:
        self._marks.close()


def make_marks_router(runs_dir: Path) -> APIRouter:
    router = APIRouter()

    @router.post("/api/runs/{run}/group/{group_id}/k/{index}/mark")
    def mark(run: str, group_id: int, index: int, wanted: NewMark) -> Response:
        folder = find_run(runs_dir, run)
        _require(folder, group_id, index)
        with closing(MarksDb(folder.path)) as marks:
            made = _set(marks, group_id, index, wanted)
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


def _set(marks: MarksDb, group_id: int, index: int, wanted: NewMark) -> Mark | None:
    if wanted.kind is None:
        marks.clear(group_id, index)
        return None
    return marks.set(group_id, index, wanted.kind, wanted.note.strip(), WHO)


def _lines(folder: RunFolder, kind: Kind | None) -> Iterator[bytes]:
    with closing(folder.reader()) as reader, closing(MarksDb(folder.path)) as marks:
        for line in export_marks(folder.id, reader, marks, kind):
            yield f"{line}\n".encode()
