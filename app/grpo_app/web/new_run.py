"""The new run's routes: the form, what is wrong with what was filled in, the signal check, and the start."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from grpo_app.web.encode import encode, error_response, json_response
from grpo_core.config import RunConfig
from grpo_core.errors import GrpoDashError
from grpo_core.runs import start_run
from grpo_core.runs.preflight import check_fields, warnings
from grpo_core.runs.signal_check import run_signal_check
from grpo_core.types import Json
from grpo_core.views.form import (
    FormErrors,
    config_from_form,
    default_values,
    preset_values,
    run_form,
    toml_from_values,
    values_from_toml,
    values_of_runs,
)

LARGEST_TOML = 100_000
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


log = logging.getLogger(__name__)


class Filled(BaseModel):
    """The form as it is filled in; every value is text."""

    model_config = ConfigDict(extra="forbid")

    values: dict[str, str]


class Toml(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=LARGEST_TOML)


class SignalChecks:
    """The signal check of the server, one at a time: a second would make the first one's seconds wrong."""

    def __init__(self) -> None:
        self._running: threading.Event | None = None

    def close(self) -> None:
        if self._running:
            self._running.set()

    async def run(self, config: RunConfig) -> AsyncIterator[str]:
        """JSON lines: `progress` as it goes, then `check`, `error` or `cancelled`. Whoever goes away ends it."""
        if self._running:
            yield _line({"error": "A signal check is running already, perhaps in another tab."})
            return
        cancelled = self._running = threading.Event()
        lines: asyncio.Queue[str | None] = asyncio.Queue()
        checking = asyncio.create_task(asyncio.to_thread(_check, config, cancelled, _Teller(lines)))
        try:
            while (line := await lines.get()) is not None:
                yield line
        finally:
            cancelled.set()
            checking.add_done_callback(lambda _: self._ended())

    def _ended(self) -> None:
        self._running = None


class _Teller:
    """Puts lines into the loop's queue from the thread that checks; None ends them."""

    def __init__(self, lines: asyncio.Queue[str | None]) -> None:
        self._lines = lines
        self._loop = asyncio.get_running_loop()

    def __call__(self, data: Json | None) -> None:
        self._loop.call_soon_threadsafe(self._lines.put_nowait, None if data is None else _line(data))


def make_new_run_router(runs_dir: Path, checks: SignalChecks) -> APIRouter:
    router = APIRouter(prefix="/api/form")

    @router.get("")
    def form() -> Response:
        groups = [group.to_json() for group in run_form()]
        presets = {**preset_values(), **values_of_runs(runs_dir)}
        return json_response({"schema": 1, "groups": groups, "defaults": default_values(), "presets": presets})

    @router.post("/check")
    def check(filled: Filled) -> Response:
        return json_response({"schema": 1, **_checked(runs_dir, filled.values)})

    @router.post("/toml")
    def toml(given: Toml) -> Response:
        try:
            return json_response({"schema": 1, "values": values_from_toml(given.text)})
        except FormErrors as error:
            return _refused(error)

    @router.post("/signal")
    def signal(filled: Filled) -> Response:
        if errors := _checked(runs_dir, filled.values)["errors"]:
            return _refused(FormErrors(errors))
        config = config_from_form(filled.values)
        return StreamingResponse(checks.run(config), 200, STREAM_HEADERS, "application/x-ndjson")

    @router.post("/start")
    def start(filled: Filled) -> Response:
        if errors := _checked(runs_dir, filled.values)["errors"]:
            return _refused(FormErrors(errors))
        try:
            return json_response({"schema": 1, "run": start_run(runs_dir, config_from_form(filled.values)).id})
        except GrpoDashError as error:
            return error_response(str(error), 409)

    return router


def _checked(runs_dir: Path, values: dict[str, str]) -> Json:
    """`errors` by field, `warnings`, and the `toml` of what can be read."""
    try:
        config = config_from_form(values)
    except FormErrors as error:
        return {"errors": error.fields, "warnings": [], "toml": None}
    errors = check_fields(config, runs_dir)
    return {"errors": errors, "warnings": [] if errors else warnings(config), "toml": toml_from_values(values)}


def _refused(error: FormErrors) -> Response:
    return json_response({"error": str(error), "fields": error.fields}, 422)


def _check(config: RunConfig, cancelled: threading.Event, tell: _Teller) -> None:
    try:
        found = run_signal_check(
            config, on_progress=lambda done, total: tell({"progress": [done, total]}), cancelled=cancelled
        )
        tell({"check": found.to_json()} if found else {"cancelled": True})
    except GrpoDashError as error:
        tell({"error": str(error)})
    except Exception as error:
        log.exception("the signal check failed")
        tell({"error": f"The signal check failed ({type(error).__name__}: {error})."})
    finally:
        tell(None)


def _line(data: Json) -> str:
    return encode(data) + "\n"
