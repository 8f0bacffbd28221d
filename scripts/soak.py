"""Faults and load, with a report: kills of the writer, the memory of a long run, many screens at once, of a store that
goes on and of a real training.

Each part is a real use of the real parts: a process that is killed while it stores, a store and its screens' state over
many steps, the page's server with its viewers and terminals beside a store at 20 groups a second and beside a trainer.
The report says what was run and what came of it; `make soak` runs this and the long form of the tests of faults.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import apsw
import httpx
import psutil
from served_page import served_page

from grpo_app.tui.messages import RunChanged
from grpo_app.tui.state import RunState
from grpo_app.tui.tail import POLL_SECONDS, Pace, RunTail
from grpo_app.web.mirror import Mirror
from grpo_core.config import RunConfig, load_preset
from grpo_core.runs import RunFolder, create_run, start_run, summarise
from grpo_core.runs.status import ENDED
from grpo_core.store import RunReader, RunWriter
from grpo_core.types import Json
from grpo_core.views import RunFollower

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from tests.samples import sample_group  # noqa: E402 - the tests' groups, which no wheel has

PARTS = ("kills", "long_run", "load", "training")
VIEWERS, TERMINALS = 25, 5
STAMP = "reward"
"""The metric under which the load's store puts the moment of its commit: what a screen shows late is then known."""
LATE_MS = 500.0
MOST_OF_A_STEP = 0.01
"""What capture may take of the trainer's time."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=200_000)
    parser.add_argument("--load-seconds", type=float, default=120)
    parser.add_argument("--training-steps", type=int, default=60)
    parser.add_argument("--only", action="append", choices=PARTS, help="this part, put into the report that is there")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "soak.json")
    parser.add_argument("--store", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.store:
        store_on(RunFolder(arguments.store))
        return
    report: Json = {"cores": os.cpu_count(), "load_before": round(os.getloadavg()[0], 1)}
    if arguments.only and arguments.out.is_file():
        report = json.loads(arguments.out.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="soak-") as scratch:
        parts: dict[str, Callable[[], Json]] = {
            "kills": lambda: kill_writers(Path(scratch) / "kills", arguments.kills),
            "long_run": lambda: run_long(Path(scratch) / "long", arguments.steps),
            "load": lambda: load(Path(scratch) / "load", arguments.load_seconds),
            "training": lambda: train_watched(Path(scratch) / "training", arguments.training_steps),
        }
        for name in arguments.only or PARTS:
            report[name] = parts[name]()
            print(f"{name}: {json.dumps(report[name])}", flush=True)
            arguments.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    sound = all(report[name]["passed"] for name in arguments.only or PARTS)
    sys.exit(0 if sound else 1)


def kill_writers(folder: Path, rounds: int) -> Json:
    """`kill -9` a process that stores, again and again on the same database, and look for what it acknowledged."""
    folder.mkdir()
    path, dice = folder / "run.db", random.Random(11)
    acknowledged: list[int] = []
    for _ in range(rounds):
        acknowledged += _killed_writer(path, dice.randint(1, 12), dice.random() * 0.004)
    reader = RunReader(path)
    groups = [reader.group(number) for number in acknowledged]
    lost = sum(group is None or len(group.completions) != 4 for group in groups)
    stored = reader.counters()["groups"]
    reader.close()
    whole = apsw.Connection(str(path)).pragma("integrity_check")
    return {
        "kills": rounds,
        "acknowledged": len(acknowledged),
        "stored": stored,
        "lost": lost,
        "integrity": whole,
        "passed": lost == 0 and whole == "ok",
    }


def _killed_writer(path: Path, acknowledgements: int, moment: float) -> list[int]:
    """The ids that a writer reported before it was killed a moment after so many of them."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        writer = RunWriter(path)
        number = writer.next_group_id()
        while True:
            writer.add_groups([sample_group(number, number, [True, False, True, False])])
            os.write(writing, f"{number}\n".encode())
            number += 1
    os.close(writing)
    with os.fdopen(reading) as reports:
        seen = [reports.readline() for _ in range(acknowledgements)]
        time.sleep(moment)
        os.kill(child, signal.SIGKILL)
        seen += reports.readlines()
    os.waitpid(child, 0)
    return [int(line) for line in seen if line.endswith("\n")]


def run_long(runs_dir: Path, steps: int) -> Json:
    """So many steps as fast as they go, with what both screens hold of them; memory at a fifth and at the end."""
    folder = create_run(runs_dir, RunConfig(name="long", max_steps=steps))
    writer, follower = folder.writer(), RunFollower(folder)
    mirror, state = Mirror(), RunState()
    at_a_fifth = 0
    for step in range(1, steps + 1):
        writer.add_groups([sample_group(step, step, [True, False])])
        writer.add_metrics(step, {"reward": step / steps, "entropy": 1 / step, "step_time": 1.0, "grad_norm": 0.5})
        writer.set_facts({"step": step})
        if step % 10 == 0 and (change := follower.poll()):
            mirror.apply(change, time.monotonic())
            state.apply(change)
        if step == steps // 5:
            at_a_fifth = _memory(os.getpid())
    at_the_end = _memory(os.getpid())
    follower.close()
    writer.close()
    grown = at_the_end - at_a_fifth
    return {
        "steps": steps,
        "mib_at_a_fifth": at_a_fifth,
        "mib_at_the_end": at_the_end,
        "bytes_a_step": round(folder.database.stat().st_size / steps),
        "passed": grown < 48,
    }


def load(runs_dir: Path, seconds: float) -> Json:
    """The page's server with its viewers, and the terminals' readers, beside a store that goes on."""
    folder = create_run(runs_dir, RunConfig(name="load", max_steps=1_000_000))
    store = subprocess.Popen([sys.executable, __file__, "--store", str(folder.path)], stdout=subprocess.PIPE, text=True)
    late_in_terminals: list[float] = []
    try:
        with screens(folder, late_in_terminals) as (address, server):
            at_first, late_on_pages = asyncio.run(_watch_pages(address, folder.id, seconds, server))
            at_the_end = _memory(server)
    finally:
        _end(store)
    pages, terminals = _p95(late_on_pages), _p95(late_in_terminals)
    return {
        "viewers": VIEWERS,
        "terminals": TERMINALS,
        "seconds": seconds,
        "changes_seen": {"pages": len(late_on_pages), "terminals": len(late_in_terminals)},
        "commit_to_screen_p95_ms": {"pages": pages, "terminals": terminals},
        "server_mib": {"after_a_quarter": at_first, "at_the_end": at_the_end},
        "passed": max(pages, terminals) <= LATE_MS and at_the_end - at_first < 48,
    }


def train_watched(runs_dir: Path, steps: int) -> Json:
    """A real training with as many viewers: what its capture costs of a step."""
    folder = start_run(runs_dir, load_preset("demo", [f"max_steps={steps}", "eval_steps=0", "threads=1"]))
    with screens(folder, []) as (address, _):
        asyncio.run(_watch_until_its_end(address, folder))
    status = summarise(folder).status
    reader = folder.reader()
    metrics = reader.metrics_since()
    reader.close()
    # The first step loads what the others find loaded.
    taken, whole = (sum(value for _, value in metrics.get(key, [])[1:]) for key in ("capture/seconds", "step_time"))
    share = taken / whole if whole else float("inf")
    return {
        "viewers": VIEWERS,
        "terminals": TERMINALS,
        "steps": steps,
        "status": status,
        "seconds_a_step": round(whole / max(1, steps - 1), 2),
        "capture_share_of_step": round(share, 5),
        "passed": status == "finished" and share <= MOST_OF_A_STEP,
    }


@contextmanager
def screens(folder: RunFolder, late: list[float]) -> Iterator[tuple[str, int]]:
    """The page's server, and the terminals' readers of one run; yields its address and pid."""
    tails = [RunTail(folder, _listener(late), Pace(POLL_SECONDS)) for _ in range(TERMINALS)]
    try:
        with served_page(folder.path.parent) as (address, server):
            for tail in tails:
                threading.Thread(target=tail.run, daemon=True).start()
            yield address, server.pid
    finally:
        for tail in tails:
            tail.stop()


def _end(process: subprocess.Popen[Any]) -> None:
    process.terminate()
    process.wait()


def store_on(folder: RunFolder) -> None:
    """20 groups a second; four times a second a metric that says when it was committed."""
    writer = folder.writer()
    number, step = writer.next_group_id(), 1
    due = time.monotonic()
    while True:
        writer.add_groups([sample_group(number, step, [True, False] * 4)])
        if number % 5 == 0:
            writer.add_metrics(step, {STAMP: time.time()})
            step += 1
        number += 1
        due = max(due + 0.05, time.monotonic() - 1)
        time.sleep(max(0.0, due - time.monotonic()))


def _listener(late: list[float]) -> Callable[[object], object]:
    def listen(message: object) -> object:
        if isinstance(message, RunChanged):
            _note(message.change.get("metrics", {}), late)
        return None

    return listen


def _note(metrics: dict[str, Any], late: list[float]) -> None:
    points = metrics.get(STAMP, [])
    late += [(time.time() - value) * 1000 for _, value in points[-1:] if len(points) < 8]


async def _watch_pages(address: str, run: str, seconds: float, server: int) -> tuple[int, list[float]]:
    late: list[float] = []
    async with _viewers(address, run, late):
        await asyncio.sleep(seconds / 4)
        at_first = _memory(server)
        await asyncio.sleep(seconds * 3 / 4)
    return at_first, late


async def _watch_until_its_end(address: str, folder: RunFolder) -> None:
    async with _viewers(address, folder.id, []):
        while summarise(folder).status not in ENDED:
            await asyncio.sleep(0.5)


@asynccontextmanager
async def _viewers(address: str, run: str, late: list[float]) -> AsyncIterator[None]:
    watching = [asyncio.create_task(_watch_page(address, run, late)) for _ in range(VIEWERS)]
    try:
        yield
    finally:
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)


async def _watch_page(address: str, run: str, late: list[float]) -> None:
    async with httpx.AsyncClient(timeout=None) as client, client.stream("GET", f"{address}/live/{run}") as answer:
        event = ""
        async for line in answer.aiter_lines():
            if line.startswith("event: "):
                event = line.removeprefix("event: ")
            elif line.startswith("data: ") and event == "change":
                _note(json.loads(line.removeprefix("data: ")).get("metrics", {}), late)


def _p95(values: list[float]) -> float:
    return round(sorted(values)[int(0.95 * (len(values) - 1))], 1) if values else float("inf")


def _memory(pid: int) -> int:
    """Resident memory in MiB."""
    return round(psutil.Process(pid).memory_info().rss / 1024**2)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
