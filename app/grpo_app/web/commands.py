"""What is asked of a run: the route that passes a press on, and the newest commands as the live stream follows them."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, model_validator

from grpo_app.web.encode import error_response, json_response
from grpo_core.errors import GrpoDashError
from grpo_core.runs import RunFolder, find_run
from grpo_core.runs.control import command_run, is_done, stop_now
from grpo_core.store import Command, ControlDb
from grpo_core.types import Json

ISSUER = "page"
SHOWN_COMMANDS = 10


class Press(BaseModel):
    """A button that a person pressed. `discard` and `now` are ways to stop: without its model, without waiting."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["pause", "resume", "suspend", "stop", "checkpoint", "evaluate"]
    discard: bool = False
    now: bool = False

    @model_validator(mode="after")
    def _only_a_stop_has_ways(self) -> Press:
        if self.kind != "stop" and (self.discard or self.now):
            raise ValueError("only a stop can discard or be at once")
        return self


class CommandLog:
    """The newest commands of a run, read again only when somebody wrote to `control.db`; use from one thread."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._stamp: tuple[int, ...] | None = None
        self._given: list[Json] = []

    def poll(self) -> list[Json] | None:
        """Newest first; None if they are what was given last."""
        stamp = _stamp_of(self._folder.path.parent)
        if stamp == self._stamp:
            return None
        self._stamp = stamp
        commands = newest_commands(self._folder)
        if commands == self._given:
            return None
        self._given = commands
        return commands


def make_commands_router(runs_dir: Path) -> APIRouter:
    router = APIRouter()

    @router.get("/api/runs/{run}/commands")
    def commands(run: str) -> Response:
        return json_response({"schema": 1, "commands": newest_commands(find_run(runs_dir, run))})

    @router.post("/api/runs/{run}/commands")
    def command(run: str, press: Press) -> Response:
        folder = find_run(runs_dir, run)
        try:
            return json_response({"schema": 1, "sentence": _apply(folder, press)})
        except GrpoDashError as error:
            return error_response(str(error), 409)

    return router


def newest_commands(folder: RunFolder) -> list[Json]:
    """Looking makes no `control.db` where nobody has asked for anything."""
    if not (folder.path.parent / "control.db").is_file():
        return []
    with closing(ControlDb(folder.path.parent)) as control:
        return [_command_json(command) for command in control.history(folder.id, SHOWN_COMMANDS)]


def _apply(folder: RunFolder, press: Press) -> str:
    if press.now:
        return stop_now(folder, ISSUER)
    return command_run(folder, press.kind, ISSUER, discard=press.discard)


def _command_json(command: Command) -> Json:
    """Without the arguments and answers of a `generate`, which the playground shows."""
    answered = command.kind == "generate" and (command.result or "").startswith("{")
    return {
        "id": command.id,
        "kind": command.kind,
        "discard": bool(command.arguments.get("discard")),
        "issuer": command.issuer,
        "created_at": command.created_at,
        "acknowledged_at": command.acknowledged_at,
        "done": is_done(command),
        "result": "answered" if answered else command.result,
    }


def _stamp_of(runs_dir: Path) -> tuple[int, ...]:
    """Changes with every commit: SQLite appends it to the log beside the database."""
    found: list[int] = []
    for name in ("control.db", "control.db-wal"):
        try:
            status = (runs_dir / name).stat()
        except OSError:
            continue
        found += [status.st_mtime_ns, status.st_size]
    return tuple(found)
