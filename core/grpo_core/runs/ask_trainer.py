"""Asking the trainer itself: it answers between two steps with the weights it has, where the GPU has room for one.

The question is a `generate` command; its result is "answering" first and the answer as JSON in the end.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import TypeGuard

from grpo_core.errors import RunError
from grpo_core.runs.folder import RunFolder
from grpo_core.runs.playground_events import Done, Event, Failed, Finished, Loading, done_of
from grpo_core.runs.process import read_process_record
from grpo_core.runs.status import ALIVE, summarise
from grpo_core.store.control import UNDER_WAY, Command, ControlDb
from grpo_core.store.questions import Question
from grpo_core.types import Completion, Json

WITHDRAWN = "withdrawn"
_POLL_SECONDS = 0.1
_POLLS_PER_LOOK = 10


def trainer_answers(folder: RunFolder, question: Question, issuer: str, cancelled: threading.Event) -> Iterator[Event]:
    """Issue the command and wait for its result; an ended run gives Failed."""
    if summarise(folder).status not in ALIVE:
        yield Failed(f"{folder.id} is not running: ask one of its checkpoints.")
        return
    yield Loading(f"{folder.id} answers after its present step.")
    with closing(ControlDb(folder.path.parent)) as control:
        number = control.issue(folder.id, "generate", issuer, question.to_json())
        try:
            yield from _events_of(_wait_for(control, folder, number, cancelled))
        except RunError as error:
            yield Failed(str(error))


def _wait_for(control: ControlDb, folder: RunFolder, number: int, cancelled: threading.Event) -> Command | None:
    """The command once its result is there, None if it was cancelled; raises RunError if there will be no result."""
    attempt, looks = _attempt(folder), 0
    while not cancelled.wait(_POLL_SECONDS):
        command = control.find(number)
        if _is_answered(command):
            return command
        looks += 1
        gone = looks % _POLLS_PER_LOOK == 0 and (_attempt(folder) != attempt or summarise(folder).status not in ALIVE)
        if gone:
            return _last_look(control, folder, number)
    control.acknowledge(number, WITHDRAWN)
    return None


def _last_look(control: ControlDb, folder: RunFolder, number: int) -> Command:
    """The trainer that was asked has ended: raises RunError, unless the answer came with its last step."""
    command = control.find(number)
    if not _is_answered(command):
        raise RunError(f"{folder.id} ended before it answered: ask one of its checkpoints.")
    return command


def _attempt(folder: RunFolder) -> int | None:
    record = read_process_record(folder.process_file)
    return record.attempt if record else None


def _is_answered(command: Command | None) -> TypeGuard[Command]:
    return command is not None and command.acknowledged_at is not None and command.result != UNDER_WAY["generate"]


def _events_of(command: Command | None) -> Iterator[Event]:
    if command is None:
        yield Done(0.0, cancelled=True)
        return
    answer = _answer_in(command.result)
    if "error" in answer:
        yield Failed(str(answer["error"]))
        return
    completions = [Completion.from_json(data) for data in answer["completions"]]
    for completion in completions:
        yield Finished(completion.index, completion)
    yield done_of(completions, answer["seconds"])


def _answer_in(result: str | None) -> Json:
    """The trainer's JSON; anything else (refused, too late) is why there is no answer."""
    try:
        answer = json.loads(result or "")
    except ValueError:
        return {"error": f"The trainer did not answer: {result}."}
    return answer if isinstance(answer, dict) else {"error": f"The trainer did not answer: {result}."}
