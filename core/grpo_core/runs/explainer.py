"""Asking the oracle from a screen's process, which holds none: one process for all who ask, started when first needed.

It is named as a module only; JSON lines both ways (`oracle.explainer`).
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import IO

from grpo_core.errors import GrpoDashError
from grpo_core.types import Json

# -P: a module of the current folder is not the one to import.
COMMAND = (sys.executable, "-P", "-m", "grpo_core.oracle.explainer")
DEADLINE_SECONDS = 20.0
_ATTEMPTS = 2


class ExplainError(GrpoDashError):
    """The oracle's process gave no answer."""


class Explainer:
    """The process, from outside: one question at a time, from any thread. It ends when idle, and starts when asked."""

    def __init__(self, deadline: float = DEADLINE_SECONDS) -> None:
        self._deadline = deadline
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def explain(self, verdict: Json, gold: str) -> Json:
        """How a verdict that was given came about: `oracle.Explanation` as JSON. Raises ExplainError."""
        return self._ask({"completion": "", "gold": gold, "steps": [], "verdict": verdict})

    def judge(self, completion: str, gold: str, steps: Sequence[str] = ()) -> Json:
        """A completion judged anew, explained. Raises ExplainError."""
        return self._ask({"completion": completion, "gold": gold, "steps": list(steps), "verdict": None})

    def close(self) -> None:
        """Nothing of it is left when this returns; nothing can be asked any more."""
        with self._lock:
            self._closed = True
            self._end()

    def _ask(self, request: Json) -> Json:
        line = json.dumps(request).encode() + b"\n"
        with self._lock:
            for _ in range(_ATTEMPTS):
                reply = self._try(line)
                if reply is not None:
                    return dict(json.loads(reply))
        raise ExplainError("The oracle's process ended without an answer.")

    def _try(self, line: bytes) -> bytes | None:
        """None if the process is gone, as it is after a while without questions."""
        process = self._running()
        try:
            _pipe(process.stdin).write(line)
            reply = self._read_line(_pipe(process.stdout))
        except OSError:
            reply = None
        if not reply:
            self._end()
        return reply or None

    def _read_line(self, output: IO[bytes]) -> bytes:
        until, line = time.monotonic() + self._deadline, b""
        with selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not selector.select(max(0.0, until - time.monotonic())):
                    self._end()
                    raise ExplainError(f"The oracle gave no answer within {self._deadline:.0f} seconds.")
                piece = os.read(output.fileno(), 65536)
                if not piece:
                    return b""
                line += piece
        return line

    def _running(self) -> subprocess.Popen[bytes]:
        if self._closed:
            raise ExplainError("The oracle is not asked any more: this program is ending.")
        if self._process is None:
            self._process = subprocess.Popen(
                COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            _pipe(pipe).close()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
