"""Judging many completions: cheap tiers in this process, slow proofs in a few persistent, killable workers.

A worker that has spent its seconds is killed (outcome `timeout`) and the next proof gets a fresh one. The seconds are
of its processor's time, so that a busy machine changes no verdict. Workers are started when the first proof is needed,
which for most problem sets is never.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import TracebackType

from grpo_core.oracle.limits import MAX_PROOF_NODES, OverBudget
from grpo_core.oracle.nodes import Node, walk
from grpo_core.oracle.scalar import Prover
from grpo_core.oracle.tasks import JudgeTask
from grpo_core.oracle.verdict import decide, with_steps
from grpo_core.oracle.workers import Answer, DeadlinePassed, Worker, WorkerDied
from grpo_core.types import Verdict

PROOF_SECONDS = 3.5
"""Of processor time, for all proofs of one verdict. With the start of a worker, and on a machine that has time for it,
a verdict takes less than five."""
_ATTEMPTS = 2


class JudgePool:
    """Up to `workers` worker processes; all proofs of a verdict within `deadline` seconds of their processor time.
    Thread-safe; a context manager."""

    def __init__(self, workers: int = 1, deadline: float = PROOF_SECONDS) -> None:
        self.deadline = deadline
        self._slots = threading.BoundedSemaphore(max(1, workers))
        self._threads = max(1, workers)
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._lock = threading.Lock()
        self._owner = os.getpid()
        self._closed = False

    def __enter__(self) -> JudgePool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kill all workers; a proof in flight ends as unproved. May be called again."""
        with self._lock:
            self._closed = True
            workers, self._idle = [*self._idle, *self._busy], []
        for worker in workers if self._owner == os.getpid() else ():
            worker.kill()

    @property
    def pids(self) -> list[int]:
        """Process ids of the live workers."""
        with self._lock:
            return [worker.pid for worker in (*self._idle, *self._busy)]

    def judge(self, task: JudgeTask) -> Verdict:
        return decide(task, self.prover)

    def prover(self) -> Prover:
        """The slow tier for one verdict: the deadline holds for all its proofs together."""
        left_over = self.deadline

        def prove(left: Node, right: Node) -> bool | None:
            nonlocal left_over
            answer = self._answer(left, right, left_over)
            left_over -= answer.seconds
            return answer.equal

        return prove

    def judge_many(self, tasks: Iterable[JudgeTask]) -> list[Verdict]:
        """Verdicts in the tasks' order; each distinct (completion, gold) is judged once, slow ones side by side."""
        tasks = list(tasks)
        distinct = list({_without_steps(task): None for task in tasks})
        verdicts: dict[JudgeTask, Verdict] = {}
        slow: list[JudgeTask] = []
        for task in distinct:
            asked = _Asked()
            verdicts[task] = decide(task, asked.prover)
            slow += [task] if asked.was_asked else []
        if slow:
            with ThreadPoolExecutor(self._threads, thread_name_prefix="oracle-judge") as threads:
                verdicts.update(zip(slow, threads.map(self.judge, slow), strict=True))
        return [_with_steps(verdicts[_without_steps(task)], task) for task in tasks]

    def prove(self, left: Node, right: Node) -> bool | None:
        """One proof. Raises `OverBudget` for what is too large or took longer than the deadline."""
        return self._answer(left, right, self.deadline).equal

    def _answer(self, left: Node, right: Node, seconds: float) -> Answer:
        if sum(1 for side in (left, right) for _ in walk(side)) > MAX_PROOF_NODES:
            raise OverBudget("BUDGET_PROOF")
        for _ in range(_ATTEMPTS):
            try:
                with self._worker() as worker:
                    return worker.ask(left, right, max(0.0, seconds))
            except DeadlinePassed as error:
                raise OverBudget("DEADLINE") from error
            except WorkerDied:
                continue  # killed from outside or out of memory: one more try with a fresh one
        return Answer(None, 0.0)

    @contextmanager
    def _worker(self) -> Iterator[Worker]:
        """Borrow a worker; one that answered goes back, one that did not has been killed."""
        with self._slots:
            worker = self._borrow()
            try:
                yield worker
            except (DeadlinePassed, WorkerDied):
                self._replace(worker)
                raise
            with self._lock:
                self._busy.discard(worker)
                self._idle.append(worker)

    def _replace(self, worker: Worker) -> None:
        """A fresh worker for a killed one, at once: it imports SymPy while nobody waits for it."""
        fresh = None if self._closed or self._owner != os.getpid() else Worker()
        with self._lock:
            self._busy.discard(worker)
            if fresh is not None and not self._closed:
                self._idle.append(fresh)
                return
        if fresh is not None:
            fresh.kill()

    def _borrow(self) -> Worker:
        with self._lock:
            if self._closed or self._owner != os.getpid():
                raise OverBudget("POOL_CLOSED")  # or copied by a fork: its pipes are the parent's
            worker = self._idle.pop() if self._idle else None
        worker = worker or Worker()
        with self._lock:
            self._busy.add(worker)
        return worker


class _Asked:
    """A prover that proves nothing and remembers that it was asked."""

    was_asked = False

    def prover(self) -> Prover:
        return self

    def __call__(self, left: Node, right: Node) -> bool | None:
        self.was_asked = True
        return None


def _without_steps(task: JudgeTask) -> JudgeTask:
    return task._replace(steps=())


def _with_steps(verdict: Verdict, task: JudgeTask) -> Verdict:
    if not task.steps or verdict.reason == "JUDGE_FAILED":
        return verdict
    return with_steps(verdict, task)
