"""Named reward functions, and the scorer, which judges each distinct (problem, completion) once, however often asked.

Leaves judging to `oracle`, what a reward does to a policy to `objective`, and a person's own functions
(`python:module.function`) to `engine.own_rewards`.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from grpo_core.config import RunConfig
from grpo_core.oracle import JudgePool, JudgeTask
from grpo_core.oracle.tasks import Alignment
from grpo_core.template import follows_template
from grpo_core.types import Problem, Verdict

JUDGED = ("correct", "partial")
"""Rewards that abstain where the gold cannot be read: what has one of them and no verdict has no reward at all."""
_REMEMBERED = 8192


@dataclass(frozen=True, slots=True)
class Answered:
    """A completion as reward functions see it; `token_count` has the end token, as TRL counts."""

    problem: Problem
    text: str
    token_count: int
    verdict: Verdict


RewardFunction = Callable[[Answered], float | None]


def correct(verdict: Verdict) -> float | None:
    """R = 1 if the evaluated answer equals the gold, else 0; None if it could not be scored."""
    return verdict.reward


def partial(verdict: Verdict, alpha: float) -> float | None:
    """1 for a right answer, whatever its route; for a wrong one α times its step credit, R = 1/T Σ I{s_t = s*_t}."""
    if verdict.reward is None or verdict.reward == 1.0:
        return verdict.reward
    return alpha * verdict.partial


def overlong(token_count: int, longest: int, cache: int) -> float:
    """DAPO's soft overlong punishment (Yu et al. 2025, eq. 13; TRL's `get_soft_overlong_punishment`): 0 up to
    `longest − cache` tokens, from there falling to −1 at `longest`."""
    return -min(1.0, max(0.0, (token_count - (longest - cache)) / cache))


def judged_rewards(verdict: Verdict) -> dict[str, float | None]:
    """What a verdict alone earns, with the settings that runs have unless they say otherwise."""
    alpha = RunConfig.model_fields["partial_alpha"].default
    return {"correct": correct(verdict), "partial": partial(verdict, alpha)}


def built_in_rewards(config: RunConfig) -> Mapping[str, RewardFunction]:
    """The reward functions that ship with the project, with the run's settings."""
    cache = config.soft_punish_cache or max(1, config.max_completion_length // 5)
    return {
        "correct": lambda answered: correct(answered.verdict),
        "partial": lambda answered: partial(answered.verdict, config.partial_alpha),
        "format": lambda answered: float(follows_template(answered.text, config.format_template)),
        "length": lambda answered: overlong(answered.token_count, config.max_completion_length, cache),
    }


def total_reward(rewards: Mapping[str, float | None], weights: Mapping[str, float]) -> float | None:
    """The weighted sum that the objective sees. A function of a person's own that abstains is left out, as in TRL; None
    where all do, and where the answer was to be judged and could not be."""
    counted = {name: rewards[name] for name, weight in weights.items() if weight != 0.0}
    if any(counted[name] is None for name in JUDGED if name in counted):
        return None
    known = [weights[name] * reward for name, reward in counted.items() if reward is not None]
    return math.fsum(known) if known else None


class Scorer:
    """Judges completions of problems, remembering recent verdicts: the reward functions of a step and the capture
    after them ask for the same ones. Safe in several threads. `alignment`: how steps are credited."""

    def __init__(self, pool: JudgePool, alignment: Alignment = "lcs") -> None:
        self._pool = pool
        self._alignment = alignment
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[Problem, str], Verdict] = OrderedDict()

    def verdicts(self, problems: Sequence[Problem], texts: Sequence[str]) -> list[Verdict]:
        """One verdict for each text, judged against the problem beside it."""
        asked = list(zip(problems, texts, strict=True))
        with self._lock:
            return self._judge(asked)

    def _judge(self, asked: list[tuple[Problem, str]]) -> list[Verdict]:
        new = [key for key in dict.fromkeys(asked) if key not in self._known]
        tasks = [JudgeTask(text, problem.gold, problem.steps, alignment=self._alignment) for problem, text in new]
        fresh = dict(zip(new, self._pool.judge_many(tasks), strict=True))
        found = [fresh.get(key) or self._known[key] for key in asked]
        self._remember(fresh)
        return found

    def _remember(self, fresh: Mapping[tuple[Problem, str], Verdict]) -> None:
        self._known.update(fresh)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
