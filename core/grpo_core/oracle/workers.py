"""One worker process of the slow tier, seen from outside: start it, ask it, kill it once its seconds are spent.

A proof's seconds are those of the worker's own processor time, counted from when it is ready: on a busy machine the
same proof gets as far as on an idle one. The wall clock is only the backstop for a worker that spends none.

The worker is a command of its own (no fork: a process that holds CUDA or threads must not be copied). It is started
by one long-lived thread, because Linux sends a child its parent-death signal when the *thread* that started it ends.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO

import psutil

from grpo_core.oracle.nodes import Node, to_json

# -P: a sympy.py in the current folder is not the one to import.
COMMAND = (sys.executable, "-P", "-m", "grpo_core.oracle.worker")
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "LANG", "LC_ALL", "SYSTEMROOT")
"""All that a worker is told of its parent's environment: it needs no token and no setting."""
_START_SECONDS = 120.0
"""By the wall clock: importing SymPy takes one or two of them, many more where other work has the processor."""
_PATIENCE = 10.0
"""So many times a proof's seconds it may last by the wall clock."""
_LEAST_LOOK = 0.02
_nursery: dict[int, ThreadPoolExecutor] = {}


class WorkerDied(Exception):
    """The worker ended without an answer: killed from outside, or out of memory."""


class DeadlinePassed(Exception):
    """No answer in its seconds; the worker has been killed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Of one proof: is it so (None: unproved), and the seconds of processor time that it took."""

    equal: bool | None
    seconds: float


class Worker:
    """A live worker process. Not for use by two threads at once."""

    def __init__(self) -> None:
        self._process = _start()
        self._ready = False

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, left: Node, right: Node, seconds: float) -> Answer:
        """Is left = right? Raises `DeadlinePassed` once `seconds` are spent, `WorkerDied` if the worker is gone."""
        request = json.dumps([to_json(left), to_json(right)]).encode() + b"\n"
        try:
            if not self._ready:
                self._read_line(_Budget(self, float("inf"), _START_SECONDS))
                self._ready = True
            budget = _Budget(self, seconds, _PATIENCE * seconds)
            _pipe(self._process.stdin).write(request)
            _pipe(self._process.stdin).flush()
            found = json.loads(self._read_line(budget))["equal"]
            return Answer(None if found is None else bool(found), budget.spent())
        except (OSError, psutil.Error) as error:
            self.kill()
            raise WorkerDied from error

    def processor_seconds(self) -> float:
        """That it has used so far; raises psutil.Error if it is gone."""
        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)

    def _read_line(self, budget: _Budget) -> bytes:
        output, line = _pipe(self._process.stdout), b""
        with selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                while not selector.select(budget.next_look()):
                    if budget.is_spent():
                        self.kill()
                        raise DeadlinePassed
                piece = os.read(output.fileno(), 65536)
                if not piece:
                    self.kill()
                    raise WorkerDied
                line += piece
        return line

    def kill(self) -> None:
        """SIGKILL, reap, close the pipes. May be called again."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                _pipe(pipe).close()
            except OSError:
                continue  # what was still buffered for a dead worker


class _Budget:
    """What a worker may take from now on: `seconds` of its processor's time, and `patience` by the wall clock."""

    def __init__(self, worker: Worker, seconds: float, patience: float) -> None:
        self._worker = worker
        self._seconds = seconds
        self._until = time.monotonic() + patience
        self._before = worker.processor_seconds()

    def spent(self) -> float:
        return self._worker.processor_seconds() - self._before

    def is_spent(self) -> bool:
        return time.monotonic() >= self._until or self.spent() >= self._seconds

    def next_look(self) -> float:
        """No sooner than the seconds that are left can have been spent."""
        left = max(_LEAST_LOOK, self._seconds - self.spent())
        return max(0.0, min(left, self._until - time.monotonic()))


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _start() -> subprocess.Popen[bytes]:
    """Start in the long-lived thread of this process (a forked child makes its own)."""
    nursery = _nursery.get(os.getpid())
    if nursery is None:
        nursery = _nursery.setdefault(os.getpid(), ThreadPoolExecutor(1, thread_name_prefix="oracle-nursery"))
    return nursery.submit(_popen).result()


def _popen() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        close_fds=True,
        bufsize=0,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
    )
