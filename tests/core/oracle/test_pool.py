"""The pool: same verdicts as judge(), order kept, workers started late, killed at the deadline, replaced, and gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from grpo_core.oracle import JudgePool, JudgeTask, judge, workers
from grpo_core.oracle.grammar import parse
from grpo_core.oracle.limits import OverBudget

# Different functions that SymPy has to compare: no cheap check decides them.
UNDECIDED = JudgeTask("\\boxed{f(\\sin x)+1}", "f(\\sin x+0)+g(0)", gold_format="raw")
# Simplifying this takes SymPy far longer than any deadline here.
TERMS = "+".join(f"\\sin^{{{n}}}({n}x)\\cos^{{{n}}}(x)f(x)" for n in range(5, 17))
ENDLESS = ("\\boxed{f(\\sin x)+" + TERMS + "}", "f(x)")
EXITS_WITHIN = 20


def test_many_verdicts_come_in_order_and_equal_single_ones() -> None:
    tasks = [JudgeTask(f"1+{n}={n + 1}\n\\boxed{{{n}}}", "3", (f"1+{n}={n + 1}",)) for n in (1, 3, 2, 3, 3)]
    with JudgePool(workers=2) as pool:
        verdicts = pool.judge_many([*tasks, UNDECIDED])
    assert [v.outcome for v in verdicts] == ["wrong", "correct", "wrong", "correct", "correct", "wrong"]
    assert [v.partial for v in verdicts[:5]] == [1.0] * 5
    for task, verdict in zip(tasks, verdicts, strict=False):
        alone = judge(task.completion, task.gold, task.steps)
        assert {**alone.to_json(), "seconds": 0} == {**verdict.to_json(), "seconds": 0}


def test_no_worker_is_started_for_exact_answers() -> None:
    with JudgePool(workers=2) as pool:
        assert pool.judge(JudgeTask("\\boxed{4}", "2+2")).outcome == "correct"
        assert pool.pids == []


def test_a_proof_past_its_deadline_is_killed_and_the_next_gets_a_fresh_worker() -> None:
    with JudgePool(workers=1, deadline=30) as pool:
        assert pool.judge(UNDECIDED).check == "proof"
        (first,) = pool.pids
        pool.deadline = 0.2
        verdict = pool.judge(JudgeTask(*ENDLESS, gold_format="raw"))
        assert (verdict.outcome, verdict.reason) == ("timeout", "DEADLINE")
        assert first not in pool.pids
        assert not is_alive(first)
        assert len(pool.pids) == 1  # the fresh one, started before anybody waits for it
        pool.deadline = 30
        assert pool.judge(UNDECIDED).check == "proof"
        assert pool.pids != [first]


def test_a_worker_killed_from_outside_is_replaced() -> None:
    with JudgePool(workers=1, deadline=30) as pool:
        assert pool.prove(parse("f(x)"), parse("f(x)+0")) is True
        os.kill(pool.pids[0], signal.SIGKILL)
        assert pool.prove(parse("f(x)"), parse("f(x)+0")) is True


def test_closing_ends_all_workers() -> None:
    with JudgePool(workers=1, deadline=30) as pool:
        pool.judge(UNDECIDED)
        (pid,) = pool.pids
    assert not is_alive(pid)
    assert pool.judge(UNDECIDED).outcome == "timeout"


def test_a_worker_outlives_the_thread_that_asked_first() -> None:
    with JudgePool(workers=1, deadline=30) as pool:
        thread = threading.Thread(target=pool.judge, args=(UNDECIDED,))
        thread.start()
        thread.join()
        (pid,) = pool.pids
        pool.judge(UNDECIDED)
        assert pool.pids == [pid]


def test_threads_share_a_pool() -> None:
    outcomes: list[str | None] = []
    with JudgePool(workers=2, deadline=60) as pool:
        threads = [threading.Thread(target=lambda: outcomes.append(pool.judge(UNDECIDED).check)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(pool.pids) <= 2
    assert outcomes == ["proof"] * 6


PARENT = """
import sys, time
from grpo_core.oracle import JudgePool, JudgeTask
pool = JudgePool(workers=1, deadline=60)
pool.judge(JudgeTask("\\\\boxed{f(\\\\sin x)+1}", "f(\\\\sin x+0)+g(0)", gold_format="raw"))
print(*pool.pids, "torch" in sys.modules, flush=True)
time.sleep(600)
"""


def test_workers_die_with_a_parent_that_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid, torch_loaded = parent.stdout.readline().split()
        parent.kill()
    assert torch_loaded == "False"
    wait_until_gone(int(pid))


def test_judge_leaves_no_worker_behind_at_exit() -> None:
    program = (
        "from grpo_core.oracle import judge; from grpo_core.oracle.judge import _shared_pool;"
        "judge(r'\\boxed{f(\\sin x)+1}', r'f(\\sin x+0)+g(0)', gold_format='raw'); print(*_shared_pool().pids)"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    wait_until_gone(int(done.stdout))


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until_gone(pid: int) -> None:
    """An orphan is reaped by init; until then it may still be listed as a zombie."""
    limit = time.monotonic() + EXITS_WITHIN
    while is_alive(pid) and not is_zombie(pid):
        assert time.monotonic() < limit, f"process {pid} is still there"
        threading.Event().wait(0.01)


def is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


WAITS = """
import time
from grpo_core.oracle import worker
prove = worker.prove_equal
def late(left, right):
    time.sleep(1.0)
    return prove(left, right)
worker.prove_equal = late
time.sleep(1.0)
worker.main()
"""


def test_neither_a_slow_start_nor_a_busy_processor_makes_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that waits, as for a processor that others have, spends nothing of its seconds."""
    monkeypatch.setattr(workers, "COMMAND", (sys.executable, "-P", "-c", WAITS))
    with JudgePool(workers=1, deadline=0.6) as pool:
        assert pool.prove(parse("f(x)"), parse("f(x)+0")) is True


def test_a_worker_that_hangs_without_working_is_killed_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "COMMAND", (sys.executable, "-P", "-c", WAITS))
    monkeypatch.setattr(workers, "_PATIENCE", 1.5)
    with JudgePool(workers=1, deadline=0.2) as pool, pytest.raises(OverBudget):
        pool.prove(parse("f(x)"), parse("f(x)+0"))
