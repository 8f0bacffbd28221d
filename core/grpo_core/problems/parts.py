"""Which problems of a set are evaluated on, and training without those: never a question in both, by its text."""

from __future__ import annotations

import re
from collections.abc import Collection

from grpo_core.errors import ProblemsError
from grpo_core.problems.base import ProblemSet
from grpo_core.problems.split import normal_text
from grpo_core.types import Problem

PARTS = ("test", "heldout", "train", "all")
MANY = 1_000_000
_PART = re.compile(rf"(?P<head>.*?):(?P<part>{'|'.join(PARTS)})(?:,(?P<options>.*))?", re.DOTALL)
_FIRST_DRAW = 256
_MOST_TURNS = 12
"""Doublings after which a set that gives nothing new is taken to have nothing else."""


def split_part(spec: str) -> tuple[str, str | None]:
    """`gsm8k:test` as `gsm8k` and `test`; a spec that names no part as itself and None. `heldout` is `test`."""
    match = _PART.fullmatch(spec)
    if match is None:
        return spec, None
    rest = f":{match['options']}" if match["options"] else ""
    return match["head"] + rest, "test" if match["part"] == "heldout" else match["part"]


def part_of(problems: ProblemSet, part: str, count: int, seed: int = 0) -> list[Problem]:
    """At most `count` distinct problems: held-out ones (`test`), training ones (`train`), or both (`all`)."""
    held = problems.heldout_problems(count, seed) if part != "train" else []
    if part == "test" or len(held) >= count:
        return held
    return [*held, *_distinct(problems, count - len(held), seed)]


def _distinct(problems: ProblemSet, count: int, seed: int) -> list[Problem]:
    """Training problems, each once; drawn until twice as many bring nothing new."""
    found: dict[str, Problem] = {}
    drawn = min(count, _FIRST_DRAW)
    while True:
        before = len(found)
        found = {problem.prompt: problem for problem in problems.train_problems(drawn, seed)}
        if len(found) == before or len(found) >= count:
            return list(found.values())[:count]
        drawn *= 2


class WithoutHeldout:
    """A problem set that trains on none of some questions, however they are spaced or capitalised. Its own held-out
    part stays out as well."""

    def __init__(self, problems: ProblemSet, heldout: Collection[Problem]) -> None:
        self.name = problems.name
        self.overlap = problems.overlap
        self._problems = problems
        self._held = {normal_text(problem.prompt) for problem in heldout}

    def train_problems(self, count: int, seed: int) -> list[Problem]:
        """Raises ProblemsError where nothing is left."""
        drawn = max(1, count)
        for _ in range(_MOST_TURNS):
            found = [each for each in self._problems.train_problems(drawn, seed) if not self.is_held(each)]
            if len(found) >= count:
                return found[:count]
            drawn *= 2
        raise ProblemsError(f"{self.name} has no problem to train on that is not held out.")

    def heldout_problems(self, count: int, seed: int = 0) -> list[Problem]:
        return self._problems.heldout_problems(count, seed)

    def is_held(self, problem: Problem) -> bool:
        return normal_text(problem.prompt) in self._held

    def left_out(self, count: int, seed: int) -> int:
        """How many distinct problems among the first `count` are not trained on."""
        drawn = self._problems.train_problems(count, seed)
        return len({normal_text(problem.prompt) for problem in drawn if self.is_held(problem)})
