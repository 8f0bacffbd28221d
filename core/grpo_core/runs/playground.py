"""The playground as both screens use it: what can be asked, asking it, and what was asked before. No torch in here.

Questions are answered by one process, in the order in which they were asked (two subjects side by side are two
questions), so that a small machine never samples two at once. The process starts with the first question, or before it
if the playground is warmed, ends when it has been idle, and is started again by the next question, also after a crash.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from grpo_core.errors import GrpoDashError
from grpo_core.runs.ask_trainer import trainer_answers
from grpo_core.runs.folder import find_run
from grpo_core.runs.gpu import GpuConflict, gpu_conflict
from grpo_core.runs.playground_events import Done, Event, Failed, Loading
from grpo_core.runs.playground_process import PlaygroundProcess
from grpo_core.runs.recorded import in_background, recorded
from grpo_core.runs.subjects import asked_as_trained, default_question, list_subjects, subject_at
from grpo_core.store.playground import Asked, PlaygroundDb
from grpo_core.store.questions import Question, Seat, Subject, question_errors

IDLE_SECONDS = 300.0
STARTING = "Starting the playground: torch and transformers are being loaded, which takes some seconds."
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class _Order:
    """A question (or a model to get ready) that is not over. `asker` is who may cancel it."""

    number: int
    asker: str
    cancelled: threading.Event


_Send = Callable[[PlaygroundProcess], SimpleQueue[Event | None]]


class Playground:
    """The playground of a runs folder. Every method may be called from any thread; `close` it in the end."""

    def __init__(self, runs_dir: Path, idle_seconds: float = IDLE_SECONDS) -> None:
        self.runs_dir = runs_dir
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._process: PlaygroundProcess | None = None
        self._orders: dict[int, _Order] = {}
        self._closed = False

    def subjects(self) -> list[Subject]:
        """Everything that can be asked, newest first; the embedded model last."""
        return list_subjects(self.runs_dir)

    def subject_at(self, path: str) -> Subject:
        """Any other model: a folder or a hub name."""
        return subject_at(path)

    def default_question(self, subject: Subject) -> Question:
        """An empty question with the settings that the subject's run trains with."""
        return default_question(self.runs_dir, subject)

    def gpu_conflict(self, subject: Subject) -> GpuConflict | None:
        """What is in the way of loading this subject on the GPU; takes up to a second where there is one."""
        return gpu_conflict(self.runs_dir, subject)

    def warm(self, subject: Subject) -> Iterator[Event]:
        """Get ready to be asked, before anybody asks: start the process, and load these weights unless a training
        holds the GPU. Loading as it goes, then Done or Failed."""
        ready = None if self.gpu_conflict(subject) else subject
        order = self._new_order("")
        return in_background(self._events(order, lambda process: process.load(order.number, ready)))

    def ask(self, question: Question, *, asker: str = "", seat: Seat | None = None) -> Iterator[Event]:
        """Ask now; the events as they come, the last one Done or Failed. Whoever stops reading stops nothing: the
        answer goes into the history all the same. Never raises. `asker` is a name to cancel by, `seat` the question's
        place in a comparison."""

        try:
            asked = asked_as_trained(self.runs_dir, question)
        except GrpoDashError as error:
            return iter([Failed(str(error))])

        def answers() -> Iterator[Event]:
            order = self._new_order(asker)
            return self._events(order, lambda process: process.ask(order.number, asked))

        return self._keep(asked, answers, seat)

    def ask_trainer(
        self, run: str, question: Question, issuer: str = "playground", *, asker: str = "", seat: Seat | None = None
    ) -> Iterator[Event]:
        """As `ask`, but the run's trainer answers after its present step, with the weights it has then. No Text
        comes; the question's own subject is for the record."""
        try:
            folder = find_run(self.runs_dir, run)
            asked = asked_as_trained(self.runs_dir, question)
        except GrpoDashError as error:
            return iter([Failed(str(error))])

        def answers() -> Iterator[Event]:
            order = self._new_order(asker)
            return self._until_over(order, trainer_answers(folder, asked, issuer, order.cancelled))

        return self._keep(asked, answers, seat)

    def cancel(self, asker: str | None = None) -> None:
        """End the questions of `asker` (None: everybody's) that are being answered or wait; each ends with
        Done(cancelled=True)."""
        with self._lock:
            process = self._process
            orders = [order for order in self._orders.values() if asker in (None, order.asker)]
        for order in orders:
            order.cancelled.set()
            if process:
                process.cancel(order.number)

    def history(self, before: int | None = None, limit: int = 50) -> list[Asked]:
        """What was asked, newest first; `before` is the last id of the page before."""
        with PlaygroundDb(self.runs_dir) as history:
            return history.page(before, limit)

    def export(self) -> Iterator[str]:
        """The whole history as JSON Lines, one completion a line, newest first."""
        with PlaygroundDb(self.runs_dir) as history:
            yield from history.export_lines()

    def close(self) -> None:
        """End the process; a question in flight ends with Failed. May be called again."""
        with self._lock:
            self._closed, process, orders = True, self._process, list(self._orders.values())
        for order in orders:
            order.cancelled.set()
        if process:
            process.close()

    def _keep(self, question: Question, answers: Callable[[], Iterator[Event]], seat: Seat | None) -> Iterator[Event]:
        wrong = question_errors(question)
        if wrong:
            return iter([Failed(" ".join(wrong.values()))])
        return in_background(recorded(self.runs_dir, question, answers(), seat))

    def _new_order(self, asker: str) -> _Order:
        """At once, not when the answer begins: so `cancel` reaches also what was asked a moment ago."""
        with self._lock:
            order = _Order(next(self._numbers), asker, threading.Event())
            self._orders[order.number] = order
            return order

    def _until_over(self, order: _Order, events: Iterator[Event]) -> Iterator[Event]:
        try:
            yield from events
        finally:
            with self._lock:
                self._orders.pop(order.number, None)

    def _events(self, order: _Order, send: _Send) -> Iterator[Event]:
        return self._until_over(order, self._answers(order, send))

    def _answers(self, order: _Order, send: _Send) -> Iterator[Event]:
        """From the process; one that ended for idleness just as it was asked is started again."""
        for _ in range(_ATTEMPTS):
            if self._has_to_start():
                yield Loading(STARTING)
            process = self._living_process()
            if process is None:
                yield Failed("The playground is closed.")
                return
            if (yield from _hear(process, order, send)):
                return
        yield Failed("The playground ends before it can be asked: see its log.")

    def _has_to_start(self) -> bool:
        """Also where a question before this one has begun it."""
        with self._lock:
            process = self._process
        return not self._closed and (process is None or process.ended or not process.has_answered)

    def _living_process(self) -> PlaygroundProcess | None:
        with self._lock:
            if self._closed:
                return None
            if self._process is None or self._process.ended:
                self._process = PlaygroundProcess(self.runs_dir, self._idle_seconds)
            return self._process


def _hear(process: PlaygroundProcess, order: _Order, send: _Send) -> Generator[Event, None, bool]:
    """The order's events; returns False if the process had ended, for idleness, before it heard of it."""
    events = send(process)
    if order.cancelled.is_set():
        # It may have been cancelled before there was a process to tell.
        process.cancel(order.number)
    heard = False
    while (event := events.get()) is not None:
        heard = True
        yield event
        if isinstance(event, Done | Failed):
            process.forget(order.number)
            return True
    if not heard and process.ended_idle:
        return False
    yield Failed(process.last_words())
    return True
