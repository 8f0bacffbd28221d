"""`playground`: answers the questions that come as JSON lines on stdin with events as JSON lines on stdout.

    {"id": 1, "ask": QUESTION}   →   {"id": 1, "event": "loading" | "text" | "finished" | "done" | "failed", …}
    {"id": 1, "load": SUBJECT}   →   the same without text: its weights are in memory (null: the process is there)
    {"id": 1, "cancel": true}

One question after another. It ends when it has been idle, and at once at the end of stdin: it holds nothing that would
be lost. Everything that libraries print goes to stderr.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TextIO

import torch
from transformers.utils.logging import disable_progress_bar

from grpo_core.engine.answer import answer
from grpo_core.engine.policy import Policy
from grpo_core.engine.shelf import Shelf
from grpo_core.errors import GrpoDashError
from grpo_core.oracle import JudgePool
from grpo_core.rewards import Scorer
from grpo_core.runs.playground_events import Done, Event, Failed, Loading, event_json
from grpo_core.store.questions import Question, Subject
from grpo_core.types import Json

_log = logging.getLogger(__name__)


def serve_playground(idle_seconds: float) -> int:
    """Answer until there is nothing to do for `idle_seconds`; 0."""
    disable_progress_bar()
    desk = _Desk(_claim_stdout())
    threading.Thread(target=desk.read, args=(_lines(sys.stdin.fileno()),), name="questions", daemon=True).start()
    with JudgePool() as pool:
        desk.work(Shelf(), Scorer(pool), idle_seconds)
    return 0


def _claim_stdout() -> TextIO:
    """The protocol's own stream; what anything else writes to stdout from now on goes to stderr."""
    protocol = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return protocol


def _lines(descriptor: int) -> Iterator[bytes]:
    """Read without Python's buffer, whose lock a thread must not hold when the interpreter ends."""
    rest = b""
    while data := os.read(descriptor, 65536):
        *lines, rest = (rest + data).split(b"\n")
        yield from lines


@dataclass(frozen=True, slots=True)
class _Order:
    """`question` None: only have the weights of `subject` in memory."""

    number: int
    subject: Json | None
    question: Json | None = None


class _Desk:
    """The questions that wait, which of them nobody wants any more, and where the answers go."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._orders: queue.SimpleQueue[_Order] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._cancelled: dict[int, threading.Event] = {}

    def read(self, source: Iterable[bytes]) -> None:
        """Own thread, so that a cancellation and the end of stdin are seen while an answer is being sampled."""
        for line in source:
            message = json.loads(line)
            if "ask" in message:
                self._orders.put(_Order(message["id"], message["ask"]["subject"], message["ask"]))
            elif "load" in message:
                self._orders.put(_Order(message["id"], message["load"]))
            else:
                self._cancellation(message["id"]).set()
        os._exit(0)

    def work(self, shelf: Shelf, scorer: Scorer, idle_seconds: float) -> None:
        while True:
            try:
                order = self._orders.get(timeout=idle_seconds)
            except queue.Empty:
                return
            self._answer(order, shelf, scorer)

    def _answer(self, order: _Order, shelf: Shelf, scorer: Scorer) -> None:
        """Whatever goes wrong is an event: the next question may well be answered."""
        cancelled = self._cancellation(order.number)
        try:
            start = time.perf_counter()
            policy = None if cancelled.is_set() else self._policy(order, shelf)
            if policy is None or order.question is None:
                seconds = time.perf_counter() - start
                self._tell(order.number, Done(seconds, cancelled=cancelled.is_set()))
                return
            question = Question.from_json(order.question)
            answer(policy, question, scorer, lambda event: self._tell(order.number, event), cancelled)
        except GrpoDashError as error:
            self._tell(order.number, Failed(str(error)))
        except torch.OutOfMemoryError:
            self._tell(order.number, Failed("The GPU has no room for this: ask for fewer or shorter completions."))
        except Exception as error:  # noqa: BLE001 - the edge of a process: logged, and shown to who asked
            _log.exception("question %d failed", order.number)
            self._tell(order.number, Failed(f"{type(error).__name__}: {error}"))
        finally:
            with self._lock:
                self._cancelled.pop(order.number, None)

    def _policy(self, order: _Order, shelf: Shelf) -> Policy | None:
        if order.subject is None:
            return None
        subject = Subject.from_json(order.subject)
        return shelf.policy(subject.path, lambda: self._tell(order.number, Loading(f"Loading {subject.label}.")))

    def _cancellation(self, number: int) -> threading.Event:
        with self._lock:
            return self._cancelled.setdefault(number, threading.Event())

    def _tell(self, number: int, event: Event) -> None:
        self._output.write(json.dumps({"id": number, **event_json(event)}) + "\n")
        self._output.flush()
