"""How fast a screen gets what it asks of a long run: builds one, asks all of it while a writer adds to it, and says.

Every question is the function that a screen calls, not a copy of its SQL. `--write` is this script's own second
process: a trainer's store at 20 groups a second.
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grpo_app.tui.tail import find_reference, load_group, load_older
from grpo_app.web.rows import RowQuery, find_rows, newest_rows
from grpo_core.config import RunConfig
from grpo_core.runs import RunFolder, create_run, summarise
from grpo_core.store import GroupFilter, RunReader, SearchIndex
from grpo_core.types import Completion, Evaluation, Group, Problem, StepCredit, Verdict
from grpo_core.views import Reference, RunFollower, group_json

K = 10
GROUPS_A_SECOND = 20
STEPS_A_BATCH = 500
PROBLEMS = 5_000
LIMIT_MS = 20.0
METRICS = (
    *("loss", "reward", "reward_std", "frac_reward_zero_std", "entropy", "grad_norm", "learning_rate", "step_time"),
    *("completions/mean_length", "completions/max_length", "completions/min_length", "completions/clipped_ratio"),
    *("rewards/correct/mean", "rewards/correct/std", "num_tokens", "capture/seconds"),
)
WORDS = ("therefore", "hence", "so that", "we find", "let", "because", "substituting", "check", "again", "\\boxed")
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
    if arguments.write:
        write_on(RunFolder(arguments.write))
        return
    with tempfile.TemporaryDirectory(prefix="bench-store-", dir=arguments.scratch) as scratch:
        runs_dir = arguments.keep or Path(scratch)
        folder, built = find_or_build(runs_dir, arguments.completions, arguments.steps)
        sizes = sizes_of(folder, arguments.completions)
        writer = subprocess.Popen([sys.executable, __file__, "--write", str(folder.path)])
        try:
            gc.freeze()  # as the screens do once they are up
            figures = measure(folder, arguments.rounds)
        finally:
            writer.terminate()
            writer.wait()
    report = {
        "completions": arguments.completions,
        "steps": arguments.steps,
        "groups_a_second_meanwhile": GROUPS_A_SECOND,
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
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def find_or_build(runs_dir: Path, completions: int, steps: int) -> tuple[RunFolder, dict[str, float]]:
    there = [RunFolder(path.parent) for path in runs_dir.glob("bench-*/built")]
    if there:
        return there[0], {}
    started = time.monotonic()
    folder = create_run(runs_dir, RunConfig(name="bench", max_steps=steps, num_generations=K))
    build(folder, completions, steps)
    built = time.monotonic()
    index = SearchIndex(folder.path)
    while not index.catch_up(10):
        say(f"indexed {index.progress()[0]} of {index.progress()[1]} groups")
    index.close()
    (folder.path / "built").touch()
    return folder, {
        "build_seconds": round(built - started, 1),
        "index_seconds": round(time.monotonic() - built, 1),
    }


def build(folder: RunFolder, completions: int, steps: int) -> None:
    """A run of so many steps, each with as many groups as its completions take, evaluated every 100 steps."""
    maker, writer = Maker(1), folder.writer()
    number, groups = 1, completions // K
    for first in range(1, steps + 1, STEPS_A_BATCH):
        with writer.batch():
            for step in range(first, min(first + STEPS_A_BATCH, steps + 1)):
                until = groups * step // steps
                writer.add_groups([maker.group(each, step) for each in range(number, until + 1)])
                number = until + 1
                writer.add_metrics(step, maker.metrics(step))
                if step % 100 == 0:
                    rate = step / steps
                    writer.add_evaluation(Evaluation(step, 64, 4, rate, rate, (rate * 0.9, rate), rate, rate))
        say(f"built {first + STEPS_A_BATCH - 1} of {steps} steps")
    writer.set_facts({"max_steps": steps, "step": steps, "backend": "trl", "model": "embedded", "objective": "grpo"})
    writer.close()


class Maker:
    """Groups as a run makes them: 30 lines in all, a verdict with its steps, rare outcomes, ever longer texts."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._problems = [
            Problem(f"p-{n}", f"({n}+7)*3-{n % 11}", str(3 * n + 21 - n % 11), (), f"source-{n % 3}", str(n % 5))
            for n in range(PROBLEMS)
        ]
        self._lines = [self._line() for _ in range(20_000)]

    def group(self, number: int, step: int) -> Group:
        problem = self._dice.choice(self._problems)
        split = "eval" if number % 200 == 0 else "train"
        return Group(number, step, split, problem, tuple(self._completion(index) for index in range(K)))  # type: ignore[arg-type]

    def metrics(self, step: int) -> dict[str, float]:
        return {key: self._dice.random() * (1 + place) for place, key in enumerate(METRICS)}

    def _line(self) -> str:
        left, right = self._dice.randint(2, 999), self._dice.randint(2, 999)
        return f"{self._dice.choice(WORDS)} {left} + {right} = {left + right} and {left}*{right} = {left * right}"

    def _completion(self, index: int) -> Completion:
        lines = self._dice.choices(self._lines, k=self._dice.randint(3, 14))
        text = "\n".join(lines)
        fate = self._dice.random()
        outcome = "correct" if fate < 0.5 else "wrong" if fate < 0.97 else "no_answer" if fate < 0.9999 else "timeout"
        return Completion(
            index=index,
            text=text,
            token_count=len(text) // 3,
            finish_reason="length" if self._dice.random() < 0.05 else "stop",
            verdict=_verdict(outcome, lines, text),
            rewards={"correct": float(outcome == "correct"), "partial": fate},
            reward=float(outcome == "correct"),
            advantage=fate - 0.5,
            mean_logprob=-fate,
            entropy=fate,
        )


def _verdict(outcome: str, lines: list[str], text: str) -> Verdict:
    start, steps = 0, []
    for index, line in enumerate(lines[:4]):
        steps.append(StepCredit(index, line, (start, start + len(line)), index, "matched", 0.25))
        start += len(line) + 1
    message = "The boxed answer is 108 but the gold is 11."
    return Verdict(outcome, "108", (0, 3), "boxed", "rational", "DIFFERENT", message, 0.001, tuple(steps), "108", "11")  # type: ignore[arg-type]


def write_on(folder: RunFolder) -> None:
    """A trainer's store: `GROUPS_A_SECOND`, each filled in later, and a step's metrics every second."""
    maker, writer = Maker(2), folder.writer()
    number, step = writer.next_group_id(), (folder.reader().facts().get("step") or 0) + 1
    due = time.monotonic()
    while True:
        writer.add_groups([maker.group(number, step)])
        number += 1
        if number % GROUPS_A_SECOND == 0:
            writer.add_metrics(step, maker.metrics(step))
            writer.set_facts({"step": step})
            step += 1
        due += 1 / GROUPS_A_SECOND
        time.sleep(max(0.0, due - time.monotonic()))


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
    yield from _searching(folder, dice, newest)
    reader.close()


def _following(folder: RunFolder) -> Iterator[tuple[str, Question]]:
    def first_look() -> None:
        follower = RunFollower(folder)
        follower.poll()
        follower.close()

    follower = RunFollower(folder)
    follower.poll()
    yield "follow: first look", first_look
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
    yield "page: groups of a problem", lambda: find_rows(reader, RowQuery(problem=f"p-{dice.randrange(PROBLEMS)}"))
    yield "page: one group whole", lambda: group_json(reader.group(anywhere()))  # type: ignore[arg-type]
    yield "terminal: one group whole", lambda: load_group(anywhere())(reader)
    yield "terminal: the page before", lambda: load_older(anywhere())(reader)
    yield "terminal: a step's group", lambda: find_reference(Reference(folder.id, step=dice.randint(1, last)))(reader)
    yield (
        "terminal: a problem's group",
        lambda: find_reference(Reference(folder.id, problem=f"p-{dice.randrange(PROBLEMS)}"))(reader),
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
    yield "problems: one's visits", lambda: reader.problem_visits(f"p-{dice.randrange(PROBLEMS)}")


def _curves(reader: RunReader, dice: random.Random, last: int) -> Iterator[tuple[str, Question]]:
    def some_steps() -> tuple[int, int]:
        first = dice.randint(1, last - 1)
        return first, dice.randint(first, last)

    yield "curve: all of it", lambda: reader.curve("reward")
    yield "curve: any zoom", lambda: reader.curve("reward", *some_steps())
    yield "outcomes by step: all of it", lambda: reader.step_counts()
    yield "outcomes by step: any zoom", lambda: reader.step_counts("train", *some_steps())


def _searching(folder: RunFolder, dice: random.Random, newest: int) -> Iterator[tuple[str, Question]]:
    index = SearchIndex(folder.path)

    def formula() -> str:
        left, right = dice.randint(2, 999), dice.randint(2, 999)
        return f"{left} + {right} = {left + right}"

    yield "search: a word", lambda: index.search("therefore")
    yield "search: a word being typed", lambda: index.search("subst")
    yield "search: a number", lambda: index.search(str(dice.randint(2, 999)))
    yield "search: a formula (rare or none)", lambda: index.search(formula())
    yield "search: two words", lambda: index.search(f"because {dice.randint(2, 999)}")
    yield "search: nothing", lambda: index.search("eigenvalue")
    yield "search: a page back", lambda: index.search("hence", before=dice.randint(1, newest) * 1024)
    yield "search: in timed out ones", lambda: index.search("let", GroupFilter(outcome="timeout"))
    yield "search: prompts", lambda: index.search_prompts(f"({dice.randrange(PROBLEMS)}+7)")
    yield "search: take up what is new", lambda: index.catch_up(0.005)
    index.close()


def sizes_of(folder: RunFolder, completions: int) -> dict[str, float]:
    def size(name: str) -> int:
        return sum(path.stat().st_size for path in folder.path.glob(f"{name}*"))

    return {
        "run_bytes": size("run.db"),
        "bytes_a_completion": round(size("run.db") / completions),
        "search_bytes_a_completion": round(size("search.db") / completions),
        "most_memory_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
