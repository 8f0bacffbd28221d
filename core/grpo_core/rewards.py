"""Named reward functions over verdicts. Each distinct (problem, completion) is judged once, however often it is asked.

Leaves judging to `oracle` and what a reward does to a policy to `objective`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

from grpo_core.oracle import JudgePool, JudgeTask
from grpo_core.types import Problem, Verdict

PARTIAL_WHEN_WRONG = 0.5
"""What a wrong answer's step credit is multiplied by in `partial`, so that no derivation outweighs a right answer."""
_REMEMBERED = 8192


def correct(verdict: Verdict) -> float | None:
    """R = 1 if the evaluated answer equals the gold, else 0; None if it could not be scored."""
    return verdict.reward


def partial(verdict: Verdict) -> float | None:
    """1 for a right answer, whatever its route; for a wrong one half of its step credit, R = 1/T Σ I{s_t = s*_t}."""
    if verdict.reward is None or verdict.reward == 1.0:
        return verdict.reward
    return PARTIAL_WHEN_WRONG * verdict.partial


REWARD_FUNCTIONS: Mapping[str, Callable[[Verdict], float | None]] = {"correct": correct, "partial": partial}


class Scorer:
    """Judges completions of problems, remembering recent verdicts: the reward functions of a step and the capture
    after them ask for the same ones. Safe in several threads."""

    def __init__(self, pool: JudgePool) -> None:
        self._pool = pool
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[Problem, str], Verdict] = OrderedDict()

    def verdicts(self, problems: Sequence[Problem], texts: Sequence[str]) -> list[Verdict]:
        """One verdict for each text, judged against the problem beside it."""
        asked = list(zip(problems, texts, strict=True))
        with self._lock:
            return self._judge(asked)

    def _judge(self, asked: list[tuple[Problem, str]]) -> list[Verdict]:
        new = [key for key in dict.fromkeys(asked) if key not in self._known]
        tasks = [JudgeTask(text, problem.gold, problem.steps) for problem, text in new]
        fresh = dict(zip(new, self._pool.judge_many(tasks), strict=True))
        found = [fresh.get(key) or self._known[key] for key in asked]
        self._remember(fresh)
        return found

    def _remember(self, fresh: Mapping[tuple[Problem, str], Verdict]) -> None:
        self._known.update(fresh)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
