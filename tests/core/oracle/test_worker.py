"""A worker's limits, for real: memory, processor time, what it inherits, and that nothing outlives the asker."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grpo_core.oracle import JudgePool, workers
from grpo_core.oracle.grammar import parse
from grpo_core.oracle.nodes import Node, Sym
from tests.core.oracle.test_pool import ENDLESS, UNDECIDED, is_alive, wait_until_gone

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
# The real program, whose proofs do what the answer's name says.
GREEDY = """
from grpo_core.oracle import worker
prove, worker.CPU_SECONDS = worker.prove_equal, 1
def greedy(left, right):
    kept = []
    while left.name == "memory":
        kept.append(bytearray(8 * 2**20))
    while left.name == "time":
        pass
    while left.name == "recursion":
        greedy(left, right)
    return prove(left, right)
worker.prove_equal = greedy
worker.main()
"""
X = parse("x")


@pytest.fixture
def greedy_pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[JudgePool]:
    monkeypatch.setattr(workers, "COMMAND", (sys.executable, "-P", "-c", GREEDY))
    with JudgePool(workers=1, deadline=60) as pool:
        yield pool


@pytest.mark.parametrize("name", ["memory", "recursion", "time"])
def test_a_proof_that_takes_too_much_proves_nothing_and_the_next_is_served(name: str, greedy_pool: JudgePool) -> None:
    assert greedy_pool.prove(X, X) is True
    assert greedy_pool.prove(named(name), X) is None
    assert greedy_pool.prove(X, X) is True


def test_a_worker_that_ran_out_of_memory_is_replaced(greedy_pool: JudgePool) -> None:
    greedy_pool.prove(X, X)
    (first,) = greedy_pool.pids
    greedy_pool.prove(named("memory"), X)
    greedy_pool.prove(X, X)
    assert greedy_pool.pids != [first]
    wait_until_gone(first)


@LINUX
def test_the_system_holds_a_worker_to_512_megabytes() -> None:
    with JudgePool(workers=1, deadline=60) as pool:
        pool.judge(UNDECIDED)
        limits = Path(f"/proc/{pool.pids[0]}/limits").read_text()
    rows = {line[:26].strip(): line[26:].split()[0] for line in limits.splitlines()}
    assert int(rows["Max address space"]) <= 512 * 1024**2
    assert rows["Max core file size"] == "0"
    assert int(rows["Max cpu time"]) < 120


@LINUX
def test_a_worker_inherits_no_file_and_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "secret")
    lock = os.open(tmp_path / "lock", os.O_CREAT | os.O_RDWR)
    os.set_inheritable(lock, True)
    try:
        with JudgePool(workers=1, deadline=60) as pool:
            pool.judge(UNDECIDED)
            (pid,) = pool.pids
            held = {str(entry.readlink()).partition(":")[0] for entry in Path(f"/proc/{pid}/fd").iterdir()}
            environment = Path(f"/proc/{pid}/environ").read_bytes()
    finally:
        os.close(lock)
    assert held == {"pipe", "/dev/null"}
    assert b"HF_TOKEN" not in environment


PARENT = f"""
import sys, threading
from grpo_core.oracle import JudgePool, JudgeTask
pool = JudgePool(workers=1, deadline=600)
pool.judge(JudgeTask({UNDECIDED.completion!r}, {UNDECIDED.gold!r}, (), "raw"))
threading.Thread(target=pool.judge, args=(JudgeTask({ENDLESS[0]!r}, {ENDLESS[1]!r}, (), "raw"),)).start()
while not pool._busy:
    pass
print(*pool.pids, flush=True)
"""


def test_a_busy_worker_dies_with_a_parent_that_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_alive(pid)
        parent.kill()
    wait_until_gone(pid)


def named(name: str) -> Node:
    return Sym(name)
