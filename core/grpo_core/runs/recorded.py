"""A question's events on their way to a screen: kept in the history whatever the screen does meanwhile."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from grpo_core.runs.playground_events import Done, Event, Failed, Finished, Text
from grpo_core.store.playground import PlaygroundDb
from grpo_core.store.questions import Question, Seat
from grpo_core.types import Completion


def in_background(events: Iterator[Event]) -> Iterator[Event]:
    """Work through `events` in a thread from now on, and give them as they come: a reader that goes away, or is never
    read, stops nothing."""
    passed: queue.SimpleQueue[Event | None] = queue.SimpleQueue()

    def work() -> None:
        try:
            for event in events:
                passed.put(event)
        except Exception as error:  # noqa: BLE001 - the edge of a thread: shown where the events are read
            passed.put(Failed(f"The question could not be kept: {error}"))
        finally:
            passed.put(None)

    threading.Thread(target=work, name="playground question", daemon=True).start()
    return iter(passed.get, None)


def recorded(runs_dir: Path, question: Question, events: Iterator[Event], seat: Seat | None = None) -> Iterator[Event]:
    """The same events; the question is in the history before the first, its completions before the last."""
    with PlaygroundDb(runs_dir) as history:
        number = history.begin(question, seat)
    start = time.monotonic()
    answer = _Answer()
    for event in events:
        answer.take(event)
        if isinstance(event, Done | Failed):
            seconds = event.seconds if isinstance(event, Done) else time.monotonic() - start
            error = event.message if isinstance(event, Failed) else None
            with PlaygroundDb(runs_dir) as history:
                history.finish(number, answer.completions(), seconds, error)
        yield event


class _Answer:
    """What has been said so far: whole completions, and the beginnings of others."""

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}
        self._whole: dict[int, Completion] = {}

    def take(self, event: Event) -> None:
        if isinstance(event, Text):
            self._texts[event.index] = self._texts.get(event.index, "") + event.added
        elif isinstance(event, Finished):
            self._whole[event.index] = event.completion

    def completions(self) -> list[Completion]:
        begun = {index: Completion(index, text, None, None) for index, text in self._texts.items()}
        return [completion for _, completion in sorted({**begun, **self._whole}.items())]
