"""`judge()`: one completion against one gold, from anywhere, without a pool of one's own.

The exact tiers run in the caller's thread. A slow proof goes to one shared worker process that the first such proof
starts and the interpreter's exit ends; a forked child gets its own.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Sequence

from grpo_core.oracle.nodes import Node
from grpo_core.oracle.pool import JudgePool
from grpo_core.oracle.scalar import Prover
from grpo_core.oracle.tasks import GoldFormat, JudgeTask
from grpo_core.oracle.verdict import decide
from grpo_core.types import Verdict

_shared: dict[int, JudgePool] = {}
_lock = threading.Lock()


def judge(completion: str, gold: str, steps: Sequence[str] = (), *, gold_format: GoldFormat = "auto") -> Verdict:
    """Is `completion` right, why, and how much of it. Never raises, for any text.

    `gold_format`: `raw` for a bare answer, `text` where the gold must itself be extracted, `auto` to look at it.
    """
    return decide(JudgeTask(completion, gold, tuple(steps), gold_format), _prover)


def _prover() -> Prover:
    """The shared pool's, which the first proof starts, for one verdict."""
    started: list[Prover] = []

    def prove(left: Node, right: Node) -> bool | None:
        if not started:
            started.append(_shared_pool().prover())
        return started[0](left, right)

    return prove


def _shared_pool() -> JudgePool:
    """This process's pool of one worker, made on first use."""
    with _lock:
        pool = _shared.get(os.getpid())
        if pool is None:
            pool = _shared[os.getpid()] = JudgePool(workers=1)
            atexit.register(pool.close)
        return pool


def _renew_lock() -> None:
    global _lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_renew_lock)
