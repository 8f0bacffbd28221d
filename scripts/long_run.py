"""A run as long as nobody waits for: as many completions and steps as wished, as a trainer would have stored them.

As a script it is that trainer: it adds to the run that is named, at `GROUPS_A_SECOND`, until it is ended.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

from grpo_core.config import RunConfig
from grpo_core.runs import RunFolder, create_run
from grpo_core.store import SearchIndex
from grpo_core.types import Completion, Evaluation, Group, Problem, StepCredit, Verdict

K = 10
GROUPS_A_SECOND = 20
STEPS_A_BATCH = 500
PROBLEMS = 5_000
METRICS = (
    *("loss", "reward", "reward_std", "frac_reward_zero_std", "entropy", "grad_norm", "learning_rate", "step_time"),
    *("completions/mean_length", "completions/max_length", "completions/min_length", "completions/clipped_ratio"),
    *("rewards/correct/mean", "rewards/correct/std", "num_tokens", "capture/seconds"),
)
WORDS = ("therefore", "hence", "so that", "we find", "let", "because", "substituting", "check", "again", "\\boxed")


def find_or_build(runs_dir: Path, completions: int, steps: int) -> tuple[RunFolder, dict[str, float]]:
    """The long run of this folder, and the seconds that it took if it was made just now."""
    there = [RunFolder(path.parent) for path in runs_dir.glob("bench-*/built")]
    if there:
        index_whole(there[0])
        return there[0], {}
    started = time.monotonic()
    folder = create_run(runs_dir, RunConfig(name="bench", max_steps=steps, num_generations=K))
    build(folder, completions, steps)
    built = time.monotonic()
    index_whole(folder)
    (folder.path / "built").touch()
    return folder, {
        "build_seconds": round(built - started, 1),
        "index_seconds": round(time.monotonic() - built, 1),
    }


def index_whole(folder: RunFolder) -> None:
    index = SearchIndex(folder.path)
    while not index.catch_up(10):
        say(f"indexed {index.progress()[0]} of {index.progress()[1]} groups")
    index.close()


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
    """A trainer's store: `GROUPS_A_SECOND`, and a step's metrics every second."""
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


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    write_on(RunFolder(Path(sys.argv[1])))
