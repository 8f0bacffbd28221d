"""A person's own problems, a `.jsonl` or `.parquet` file: kept in the runs folder once every row can be used."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from grpo_app.web.encode import error_response, json_response
from grpo_core.errors import GrpoDashError, ProblemsError
from grpo_core.problems import load_problem_set

FOLDER = "problems"
KINDS = (".jsonl", ".parquet")
LARGEST_BYTES = 64 * 1024 * 1024
_NAME = re.compile(r"[^A-Za-z0-9_-]+")


def make_uploads_router(runs_dir: Path) -> APIRouter:
    router = APIRouter()

    @router.post("/api/problems")
    async def upload(request: Request, name: str) -> Response:
        try:
            path = await run_in_threadpool(free_path, runs_dir, name)
            return json_response({"schema": 1, "path": str(await _received(request, path))})
        except GrpoDashError as error:
            return error_response(str(error), 422)

    return router


def free_path(runs_dir: Path, name: str) -> Path:
    """A path that nothing has yet, always in the folder of problems, whatever the name says."""
    kind = next((kind for kind in KINDS if name.lower().endswith(kind)), None)
    if kind is None:
        raise ProblemsError("Problems come as a .jsonl file (one JSON object a line) or as a .parquet file.")
    stem = _NAME.sub("-", Path(name.replace("\\", "/")).stem).strip("-")[:60] or "problems"
    folder = runs_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    taken = (folder / f"{stem}-{number}{kind}" for number in range(2, 10_000))
    return next(path for path in (folder / f"{stem}{kind}", *taken) if not path.exists())


async def _received(request: Request, path: Path) -> Path:
    """The whole file under its name, or nothing."""
    partial = path.with_name(f"{secrets.token_hex(8)}.part")
    try:
        await _write(request, partial)
        await run_in_threadpool(_keep, partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return path


async def _write(request: Request, partial: Path) -> None:
    size = 0
    with partial.open("xb") as file:
        async for part in request.stream():
            size += len(part)
            if size > LARGEST_BYTES:
                raise ProblemsError(
                    f"The file is larger than {LARGEST_BYTES // 1024**2} MiB: put it on the server and give its path."
                )
            file.write(part)


def _keep(partial: Path, path: Path) -> None:
    """Raises ProblemsError for a row that cannot be used; its file goes away again."""
    partial.rename(path)
    try:
        load_problem_set(str(path))
    except GrpoDashError:
        path.unlink()
        raise
