"""One playground process seen from outside: start it, send it questions, hand on what it says, learn of its end.

JSON lines both ways (`engine.playground`). It ends by itself when it has nothing to do, and with its parent: at the
end of its stdin.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

from grpo_core.runs.playground_events import Event, event_of
from grpo_core.store.questions import Question, Subject
from grpo_core.types import Json

ENGINE_MODULE = "grpo_core.engine"
LOG_NAME = "playground.log"
_LOG_BYTES = 4096
_LARGEST_LOG = 1_000_000
_PATIENCE = 5.0


class PlaygroundProcess:
    """A live process. `events(id)` may be read by one thread each; all questions wait their turn in the process.

    The end of the process ends every queue with None.
    """

    def __init__(self, runs_dir: Path, idle_seconds: float) -> None:
        runs_dir.mkdir(parents=True, exist_ok=True)
        self._log = runs_dir / LOG_NAME
        self._lock = threading.Lock()
        self._queues: dict[int, queue.SimpleQueue[Event | None]] = {}
        self._ended = False
        self._has_answered = False
        self._process = self._start(runs_dir, idle_seconds)
        self._reader = threading.Thread(target=self._read, name="playground reader", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def ended(self) -> bool:
        return self._ended

    @property
    def has_answered(self) -> bool:
        """Has it said anything yet? Until then its libraries are being loaded."""
        return self._has_answered

    @property
    def ended_idle(self) -> bool:
        """Did it end by itself, with nothing to do?"""
        return self._ended and self._process.returncode == 0

    def ask(self, number: int, question: Question) -> queue.SimpleQueue[Event | None]:
        """Send a question; where its events will come. None at once if the process is gone."""
        return self._order(number, {"ask": question.to_json()})

    def load(self, number: int, subject: Subject | None) -> queue.SimpleQueue[Event | None]:
        """As `ask`, but nothing is asked: have these weights in memory, or just be there."""
        return self._order(number, {"load": subject.to_json() if subject else None})

    def _order(self, number: int, order: Json) -> queue.SimpleQueue[Event | None]:
        events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        with self._lock:
            if self._ended:
                events.put(None)
                return events
            self._queues[number] = events
        self._send({"id": number, **order})
        return events

    def cancel(self, number: int) -> None:
        self._send({"id": number, "cancel": True})

    def forget(self, number: int) -> None:
        """Nobody waits for these events any more."""
        with self._lock:
            self._queues.pop(number, None)

    def wait(self, seconds: float) -> bool:
        """Has it ended within `seconds`?"""
        self._reader.join(seconds)
        return not self._reader.is_alive()

    def close(self) -> None:
        """End it and everything it started; nothing of it is left when this returns."""
        try:
            _pipe(self._process.stdin).close()
        except OSError:
            pass  # it was gone before
        if not self.wait(_PATIENCE):
            os.killpg(self._process.pid, signal.SIGKILL)
            self._reader.join()

    def last_words(self) -> str:
        """How it ended, with its log's last line."""
        code = self._process.returncode
        how = f"signal {signal.Signals(-code).name}" if code is not None and code < 0 else f"code {code}"
        return f"The playground's process ended with {how}. {_last_line(self._log, self._log_start)}".strip()

    def _start(self, runs_dir: Path, idle_seconds: float) -> subprocess.Popen[bytes]:
        too_long = self._log.is_file() and self._log.stat().st_size > _LARGEST_LOG
        with self._log.open("wb" if too_long else "ab") as log:
            self._log_start = log.tell()
            return subprocess.Popen(
                [sys.executable, "-P", "-m", ENGINE_MODULE, "playground", "--idle-seconds", str(idle_seconds)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                process_group=0,
                cwd=runs_dir,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )

    def _send(self, message: dict[str, object]) -> None:
        line = json.dumps(message).encode() + b"\n"
        with self._lock:
            try:
                _pipe(self._process.stdin).write(line)
                _pipe(self._process.stdin).flush()
            except (OSError, ValueError):
                return  # gone: the reader tells everybody who waits

    def _read(self) -> None:
        for line in _pipe(self._process.stdout):
            if line.endswith(b"\n"):  # else it was killed in the middle of it
                self._has_answered = True
                self._hand_on(json.loads(line))
        self._process.wait()
        with self._lock:
            self._ended = True
            waiting, self._queues = list(self._queues.values()), {}
            self._close_pipes()
        for events in waiting:
            events.put(None)

    def _hand_on(self, data: Json) -> None:
        with self._lock:
            events = self._queues.get(data["id"])
        if events:
            events.put(event_of(data))

    def _close_pipes(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                _pipe(pipe).close()
            except OSError:
                continue  # what was still buffered for a dead process


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _last_line(log: Path, start: int) -> str:
    """The last line that was written from `start` on."""
    try:
        with log.open("rb") as file:
            file.seek(max(start, log.stat().st_size - _LOG_BYTES))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
