"""The worker's own program: `python -m grpo_core.oracle.worker` answers one JSON line on stdin with one on stdout,
after a first one that says it is ready.

It holds SymPy and no torch, limits its own memory, and ends with its parent: at the end of stdin, and by the kernel's
parent-death signal where there is one, even in the middle of a long computation.
"""

from __future__ import annotations

import ctypes
import json
import os
import queue
import resource
import signal
import sys
import threading

from grpo_core.oracle.nodes import from_json
from grpo_core.oracle.proof import prove_equal

MEMORY_LIMIT = 512 * 1024**2
CPU_SECONDS = 60
"""Of one request; the asker's deadline is shorter, unless the asker is gone."""
_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Answer requests until stdin ends."""
    parent = os.getppid()
    limit_memory()
    die_with_parent(parent)
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    sys.stdout.write(json.dumps({"ready": True}) + "\n")
    sys.stdout.flush()
    threading.Thread(target=_read_requests, args=(requests,), daemon=True).start()
    while True:
        request = requests.get()
        limit_cpu()
        try:
            reply(answer(request))
        except MemoryError:
            reply(None)
            os._exit(1)  # what the failed proof left behind must not spoil the next one


def answer(request: bytes) -> bool | None:
    """One request; a proof that runs out of recursion proves nothing. Raises `MemoryError`."""
    left, right = json.loads(request)
    try:
        return prove_equal(from_json(left), from_json(right))
    except RecursionError:
        return None


def reply(equal: bool | None) -> None:
    sys.stdout.write(json.dumps({"equal": equal}) + "\n")
    sys.stdout.flush()


def _read_requests(requests: queue.SimpleQueue[bytes]) -> None:
    """Own thread, so that the end of stdin is seen while a proof runs."""
    for line in sys.stdin.buffer:
        requests.put(line)
    os._exit(0)


def limit_memory() -> None:
    for kind, most in ((resource.RLIMIT_AS, MEMORY_LIMIT), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(kind)
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (limit, hard))


def limit_cpu() -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def die_with_parent(parent: int) -> None:
    """Linux only; elsewhere the end of stdin does it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(0)


if __name__ == "__main__":
    main()
