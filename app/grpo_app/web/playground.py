"""The playground's routes: what can be asked, asking it (answers as JSON lines while they are made), and the history.

One playground, and so one process with weights in it, serves all tabs. Whoever closes a tab stops nothing: the answer
goes into the history all the same.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from uuid import uuid4

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from grpo_app.web.encode import encode, json_response
from grpo_core.config import RunConfig
from grpo_core.problems import load_problem_set
from grpo_core.runs import find_run
from grpo_core.runs.playground import Playground
from grpo_core.runs.playground_events import Event, done_of, event_json
from grpo_core.runs.status import ALIVE
from grpo_core.store.playground import Asked
from grpo_core.store.questions import Question, Seat, Subject, question_errors
from grpo_core.types import Json
from grpo_core.views import list_runs

LARGEST_PAGE = 50
HELDOUT_PROBLEMS = 200
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Side(BaseModel):
    """One question; `trainer` is the run whose trainer answers it, None for the playground's own process."""

    model_config = ConfigDict(extra="forbid")

    question: Question
    trainer: str | None = None


class Ask(BaseModel):
    """One or two questions, shown side by side. `anyway`: although a training is on the GPU. `asker` names the tab."""

    model_config = ConfigDict(extra="forbid")

    sides: list[Side] = Field(min_length=1, max_length=2)
    anyway: bool = False
    asker: str = Field("", max_length=100)


class Withdrawn(BaseModel):
    """A tab that wants no more answers to what it asked."""

    model_config = ConfigDict(extra="forbid")

    asker: str = Field(max_length=100)


class Chosen(BaseModel):
    """A subject, or the path of any other model."""

    subject: Subject | None = None
    path: str = Field("", max_length=1000)


def make_playground_router(runs_dir: Path, playground: Playground) -> APIRouter:
    router = APIRouter(prefix="/api/playground")
    _add_subjects(router, runs_dir, playground)
    _add_asking(router, playground)
    _add_record(router, playground)
    return router


def _add_subjects(router: APIRouter, runs_dir: Path, playground: Playground) -> None:
    """Who can be asked, and what."""

    @router.get("/subjects")
    def subjects() -> Response:
        found = [subject.to_json() for subject in playground.subjects()]
        return json_response({"schema": 1, "subjects": found, "trainers": _trainers(runs_dir)})

    @router.post("/question")
    def question(chosen: Chosen) -> Response:
        subject = chosen.subject or playground.subject_at(chosen.path.strip())
        return json_response({"schema": 1, "question": playground.default_question(subject).to_json()})

    @router.get("/problem")
    def problem(run: str | None = None) -> Response:
        return json_response({"schema": 1, "problem": _heldout_problem(runs_dir, run)})


def _add_asking(router: APIRouter, playground: Playground) -> None:
    """Answers, line by line while they are made."""

    @router.post("/ask")
    def ask(asked: Ask) -> Response:
        for side in asked.sides:
            if wrong := question_errors(side.question):
                return json_response({"error": " ".join(wrong.values()), "fields": wrong}, 422)
        refusal = None if asked.anyway else _conflict(playground, asked.sides)
        if refusal is not None:
            return refusal
        return StreamingResponse(_answers(playground, asked), 200, STREAM_HEADERS, "application/x-ndjson")

    @router.post("/warm")
    def warm(chosen: Chosen) -> Response:
        subject = chosen.subject or playground.subject_at(chosen.path.strip())
        lines = (encode(event_json(event)) + "\n" for event in playground.warm(subject))
        return StreamingResponse(lines, 200, STREAM_HEADERS, "application/x-ndjson")

    @router.post("/cancel")
    def cancel(withdrawn: Withdrawn) -> Response:
        playground.cancel(withdrawn.asker)
        return json_response({"schema": 1})


def _add_record(router: APIRouter, playground: Playground) -> None:
    """What was asked before."""

    @router.get("/history")
    def history(before: int | None = None, limit: int = 20) -> Response:
        limit = min(max(1, limit), LARGEST_PAGE)
        found = playground.history(before, limit + 1)
        shown = [_asked_json(asked) for asked in found[:limit]]
        return json_response({"schema": 1, "asked": shown, "more": len(found) > limit})

    @router.get("/export")
    def export() -> Response:
        headers = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="playground.jsonl"'}
        lines = (f"{line}\n".encode("utf-8", "replace") for line in playground.export())
        return StreamingResponse(lines, 200, headers, "application/x-ndjson")


def _trainers(runs_dir: Path) -> list[Json]:
    """Runs whose trainer can answer between two steps, as subjects for the record."""
    return [
        Subject(f"{run.id} · its trainer, now", run.model or run.id, run.id, run.name).to_json()
        for run in list_runs(runs_dir)
        if run.status in ALIVE and not run.watched
    ]


def _heldout_problem(runs_dir: Path, run: str | None) -> Json:
    """One that the run never trains on, at random."""
    config = find_run(runs_dir, run).config() if run else RunConfig()
    problems = load_problem_set(config.problems).heldout_problems(HELDOUT_PROBLEMS)
    return random.choice(problems).to_json() if problems else {}


def _conflict(playground: Playground, sides: list[Side]) -> Response | None:
    for side in sides:
        found = None if side.trainer else playground.gpu_conflict(side.question.subject)
        if found:
            return json_response({"error": found.sentence, "conflict": found.run}, 409)
    return None


def _answers(playground: Playground, asked: Ask) -> Iterator[str]:
    """All are asked at once and answered one after the other, which is also the order here."""
    comparison = uuid4().hex
    answers = [_ask(playground, side, asked.asker, Seat(comparison, at)) for at, side in enumerate(asked.sides)]
    for number, events in enumerate(answers):
        for event in events:
            yield encode({"side": number, **event_json(event)}) + "\n"


def _ask(playground: Playground, side: Side, asker: str, seat: Seat) -> Iterator[Event]:
    if side.trainer:
        return playground.ask_trainer(side.trainer, side.question, "page", asker=asker, seat=seat)
    return playground.ask(side.question, asker=asker, seat=seat)


def _asked_json(asked: Asked) -> Json:
    """With its figures, as they were told when it was answered."""
    seconds, cancelled = asked.seconds, asked.is_cut_short
    done = None if seconds is None else asdict(done_of(list(asked.completions), seconds, cancelled=cancelled))
    return {**asked.to_json(), "done": done, "beside": [_asked_json(other) for other in asked.beside]}
