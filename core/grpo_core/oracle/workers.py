"""One worker process of the slow tier, seen from outside: start it, ask it, kill it at the deadline.

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
from typing import IO

from grpo_core.oracle.nodes import Node, to_json

# -P: a sympy.py in the current folder is not the one to import.
COMMAND = (sys.executable, "-P", "-m", "grpo_core.oracle.worker")
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "LANG", "LC_ALL", "SYSTEMROOT")
"""All that a worker is told of its parent's environment: it needs no token and no setting."""
_nursery: dict[int, ThreadPoolExecutor] = {}


class WorkerDied(Exception):
    """The worker ended without an answer: killed from outside, or out of memory."""


class DeadlinePassed(Exception):
    """No answer in time; the worker has been killed."""


class Worker:
    """A live worker process. Not for use by two threads at once."""

    def __init__(self) -> None:
        self._process = _start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, left: Node, right: Node, deadline: float) -> bool | None:
        """Is left = right? Raises `DeadlinePassed` after `deadline` seconds, `WorkerDied` if the worker is gone."""
        request = json.dumps([to_json(left), to_json(right)]).encode() + b"\n"
        try:
            _pipe(self._process.stdin).write(request)
            _pipe(self._process.stdin).flush()
            line = self._read_line(time.monotonic() + deadline)
        except OSError as error:
            self.kill()
            raise WorkerDied from error
        answer = json.loads(line)["equal"]
        return None if answer is None else bool(answer)

    def _read_line(self, until: float) -> bytes:
        output, line = _pipe(self._process.stdout), b""
        with selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not selector.select(max(0.0, until - time.monotonic())):
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
