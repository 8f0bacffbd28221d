"""How fast a screen gets what it asks of a long run: builds one, asks all of it while a writer adds to it, and says.

Every question is the function that a screen calls, not a copy of its SQL; the run and its writer are `long_run.py`'s.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import long_run

from grpo_app.tui.tail import find_reference, load_group, load_older
from grpo_app.web.rows import RowQuery, find_rows, newest_rows
from grpo_core.runs import RunFolder, summarise
from grpo_core.store import GroupFilter, RunReader
from grpo_core.types import Json
from grpo_core.views import Reference, RunFollower, group_json
from grpo_core.views.finding import Search, find_page
from grpo_core.views.follow import first_curves

LIMIT_MS = 20.0
REST_SECONDS = 0.01
"""Between two questions. A screen rests far longer; who never rests waits, on a busy machine, for those who did."""
Question = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """Milliseconds by the wall and by this thread's own processor time."""

    question: str
    p50: float
    p95: float
    worst: float
    own_p50: float
    own_p95: float


def main() -> None:
    arguments = parse()
    with tempfile.TemporaryDirectory(prefix="bench-store-", dir=arguments.scratch) as scratch:
        runs_dir = arguments.keep or Path(scratch)
        folder, built = long_run.find_or_build(runs_dir, arguments.completions, arguments.steps)
        sizes = sizes_of(folder, arguments.completions)
        writer = subprocess.Popen([sys.executable, long_run.__file__, str(folder.path)])
        try:
            gc.freeze()  # as the screens do once they are up
            figures = measure(folder, arguments.rounds)
        finally:
            writer.terminate()
            writer.wait()
    report = {
        "completions": arguments.completions,
        "steps": arguments.steps,
        "groups_a_second_meanwhile": long_run.GROUPS_A_SECOND,
        "rounds": arguments.rounds,
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, load {os.getloadavg()[0]:.1f}",
        **sizes,
        **built,
        "questions": {
            figure.question: {
                "p50_ms": figure.p50,
                "p95_ms": figure.p95,
                "worst_ms": figure.worst,
                "own_p50_ms": figure.own_p50,
                "own_p95_ms": figure.own_p95,
            }
            for figure in figures
        },
    }
    arguments.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    slow = [figure for figure in figures if figure.p95 > LIMIT_MS]
    print(f"{len(figures) - len(slow)} of {len(figures)} have a p95 under {LIMIT_MS:.0f} ms; {arguments.out}")
    sys.exit(1 if slow else 0)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--completions", type=int, default=1_000_000)
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=100, help="how often each question is asked")
    parser.add_argument("--out", type=Path, default=Path("docs/store_bench.json"))
    parser.add_argument("--scratch", type=Path, help="where the run is built and removed again")
    parser.add_argument("--keep", type=Path, help="a runs folder to build it in, or to find it built in")
    return parser.parse_args()


def measure(folder: RunFolder, rounds: int) -> list[Figure]:
    found = []
    print(f"{'question':44} {'p50':>8} {'p95':>8} {'worst':>8} {'own p95':>8}   milliseconds")
    for name, question in questions(folder, random.Random(3)):
        question()
        figure = time_question(name, question, rounds)
        found.append(figure)
        mark = "" if figure.p95 <= LIMIT_MS else "   slow"
        print(
            f"{name:44} {figure.p50:8.2f} {figure.p95:8.2f} {figure.worst:8.2f} {figure.own_p95:8.2f}{mark}", flush=True
        )
    return found


def time_question(name: str, question: Question, rounds: int) -> Figure:
    walls, owns = [], []
    for _ in range(rounds):
        time.sleep(REST_SECONDS)
        wall, own = time.perf_counter(), time.thread_time()
        question()
        walls.append((time.perf_counter() - wall) * 1000)
        owns.append((time.thread_time() - own) * 1000)
    walls.sort()
    owns.sort()
    at = round(0.95 * (rounds - 1))
    half = rounds // 2
    figures = (walls[half], walls[at], walls[-1], owns[half], owns[at])
    return Figure(name, *(round(value, 3) for value in figures))


def questions(folder: RunFolder, dice: random.Random) -> Iterator[tuple[str, Question]]:
    """Everything that a screen asks of a run, each at places that vary."""
    reader = folder.reader()
    newest = reader.counters()["groups"]
    last = reader.facts()["step"]
    yield from _following(folder)
    yield from _lists(folder, reader, dice, newest, last)
    yield from _finding(reader, dice, newest, last)
    yield from _curves(reader, dice, last)
    yield from _searching(folder, reader, dice, newest)
    reader.close()


def _following(folder: RunFolder) -> Iterator[tuple[str, Question]]:
    def first_look() -> None:
        with closing(RunFollower(folder)) as follower:
            follower.poll()

    def curves() -> None:
        with closing(folder.reader()) as reader:
            first_curves(reader)
            reader.evaluations_thinned()

    follower = RunFollower(folder)
    while follower.poll():
        pass
    yield "follow: first look", first_look
    yield "follow: first look, its curves", curves
    yield "follow: what changed", follower.poll
    yield "runs: one run's line", lambda: summarise(folder)
    yield "page: newest rows of each split", lambda: newest_rows(folder)
    follower.close()


def _lists(
    folder: RunFolder, reader: RunReader, dice: random.Random, newest: int, last: int
) -> Iterator[tuple[str, Question]]:
    def anywhere() -> int:
        return dice.randint(1, newest)

    yield "page: a page of groups", lambda: find_rows(reader, RowQuery(before=anywhere()))
    yield "page: a page of held-out groups", lambda: find_rows(reader, RowQuery(before=anywhere(), split="eval"))
    yield "page: groups of a step", lambda: find_rows(reader, RowQuery(step=dice.randint(1, last)))
    yield (
        "page: groups of a problem",
        lambda: find_rows(reader, RowQuery(problem=f"p-{dice.randrange(long_run.PROBLEMS)}")),
    )
    yield "page: one group whole", lambda: group_json(reader.group(anywhere()))  # type: ignore[arg-type]
    yield "terminal: one group whole", lambda: load_group(anywhere())(reader)
    yield "terminal: the page before", lambda: load_older(anywhere())(reader)
    yield "terminal: a step's group", lambda: find_reference(Reference(folder.id, step=dice.randint(1, last)))(reader)
    yield (
        "terminal: a problem's group",
        lambda: find_reference(Reference(folder.id, problem=f"p-{dice.randrange(long_run.PROBLEMS)}"))(reader),
    )


def _finding(reader: RunReader, dice: random.Random, newest: int, last: int) -> Iterator[tuple[str, Question]]:
    from_step = dice.randint(1, last // 2)
    filters = {
        "wrong": GroupFilter(outcome="wrong"),
        "timed out (rare)": GroupFilter(outcome="timeout"),
        "unparsable (none)": GroupFilter(outcome="unparsable"),
        "correct and cut off": GroupFilter(outcome="correct", truncated=True),
        "no signal, held out": GroupFilter(signal="all_wrong", split="eval"),
        "a source and level": GroupFilter(source="source-1", level="3"),
        "steps and outcome": GroupFilter(outcome="no_answer", steps=(from_step, from_step + 1000)),
        "very long": GroupFilter(tokens=(270, None)),
        "reward and length (none)": GroupFilter(rewards=(0.5, 0.7), tokens=(100, 200)),
        "rare of a source": GroupFilter(outcome="timeout", source="source-2", split="eval"),
        "superseded (none)": GroupFilter(superseded=True),
    }
    for name, wanted in filters.items():
        yield f"groups: {name}", lambda wanted=wanted: reader.find_groups(wanted)
        yield f"completions: {name}", lambda wanted=wanted: reader.find_completions(wanted)
        yield f"how many: {name}", lambda wanted=wanted: (reader.count_groups(wanted), reader.count_completions(wanted))
    wrong = filters["wrong"]
    yield "groups: wrong, anywhere", lambda: reader.find_groups(wrong, cursor=dice.randint(1, newest))
    yield (
        "completions: wrong, towards newer",
        lambda: reader.find_completions(wrong, cursor=dice.randint(1, newest) * 1024, towards="newer"),
    )
    yield "completions: longest", lambda: reader.rank_completions(GroupFilter(), "token_count")
    yield "completions: longest correct", lambda: reader.rank_completions(GroupFilter(outcome="correct"), "token_count")
    yield (
        "completions: lowest reward, timed out",
        lambda: reader.rank_completions(GroupFilter(outcome="timeout"), "reward", highest=False),
    )
    for order in ("last_group", "visits", "last_rate", "change"):
        yield f"problems: by {order}", lambda order=order: reader.list_problems(order)
    yield "problems: of a level", lambda: reader.list_problems("last_rate", source="source-1", level="3")
    yield "problems: one's visits", lambda: reader.problem_visits(f"p-{dice.randrange(long_run.PROBLEMS)}")


def _curves(reader: RunReader, dice: random.Random, last: int) -> Iterator[tuple[str, Question]]:
    def some_steps() -> tuple[int, int]:
        first = dice.randint(1, last - 1)
        return first, dice.randint(first, last)

    yield "curve: all of it", lambda: reader.curve("reward")
    yield "curve: any zoom", lambda: reader.curve("reward", *some_steps())
    yield "outcomes by step: all of it", lambda: reader.step_counts()
    yield "outcomes by step: any zoom", lambda: reader.step_counts("train", *some_steps())


def _searching(
    folder: RunFolder, reader: RunReader, dice: random.Random, newest: int
) -> Iterator[tuple[str, Question]]:
    """Each takes up, too, what was written since the one before."""
    long_run.index_whole(folder)

    def search(text: str, wanted: GroupFilter | None = None, before: int | None = None) -> Json:
        return find_page(folder.path, reader, Search(text, wanted or GroupFilter()), str(before) if before else None)

    def formula() -> str:
        left, right = dice.randint(2, 999), dice.randint(2, 999)
        return f"{left} + {right} = {left + right}"

    yield "search: a word", lambda: search("therefore")
    yield "search: a word being typed", lambda: search("subst")
    yield "search: a number", lambda: search(str(dice.randint(2, 999)))
    yield "search: a formula (rare or none)", lambda: search(formula())
    yield "search: two words", lambda: search(f"because {dice.randint(2, 999)}")
    yield "search: nothing", lambda: search("eigenvalue")
    yield "search: a page back", lambda: search("hence", before=dice.randint(1, newest) * 1024)
    yield "search: in timed out ones", lambda: search("let", GroupFilter(outcome="timeout"))
    yield "search: a prompt", lambda: search(f"({dice.randrange(long_run.PROBLEMS)}+7)")


def sizes_of(folder: RunFolder, completions: int) -> dict[str, float]:
    def size(name: str) -> int:
        return sum(path.stat().st_size for path in folder.path.glob(f"{name}*"))

    return {
        "run_bytes": size("run.db"),
        "bytes_a_completion": round(size("run.db") / completions),
        "search_bytes_a_completion": round(size("search.db") / completions),
        "most_memory_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


if __name__ == "__main__":
    main()
