"""A run as a file to keep: the same that `grpo-dash export` writes."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from grpo_core.runs import RunFolder, find_run
from grpo_core.runs.transfer import export_lines, export_parquet

MEDIA_TYPES = {"jsonl": "application/jsonl", "parquet": "application/vnd.apache.parquet"}


def make_export_router(runs_dir: Path) -> APIRouter:
    router = APIRouter()

    @router.get("/api/runs/{run}/export.{form}")
    def export(run: str, form: Literal["jsonl", "parquet"]) -> FileResponse:
        """Written whole before it is sent, so that what arrives is never cut off unnoticed."""
        folder = find_run(runs_dir, run)
        path = _written(folder, form)
        done = BackgroundTask(path.unlink, missing_ok=True)
        return FileResponse(path, 200, {"Cache-Control": "no-store"}, MEDIA_TYPES[form], done, f"{folder.id}.{form}")

    return router


def _written(folder: RunFolder, form: str) -> Path:
    descriptor, name = tempfile.mkstemp(prefix="grpo-dash-", suffix=f".{form}")
    os.close(descriptor)
    path = Path(name)
    try:
        if form == "parquet":
            export_parquet(folder, path)
        else:
            with path.open("w", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in export_lines(folder))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path
