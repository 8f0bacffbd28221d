"""Reward functions as TRL calls them, a person's own among them: imported here, and only here.

`python:module.function` names a function of one completion's text and its `Problem` that returns a number, or None to
abstain. It runs in the trainer's process with all of a person's rights; it is imported before anything else is loaded.
"""

from __future__ import annotations

import importlib
import logging
import math
from collections import Counter
from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

from grpo_core.config import OWN_REWARD, RunConfig
from grpo_core.engine.texts import PROBLEM_COLUMN, read_problem, text_of
from grpo_core.errors import ConfigError
from grpo_core.rewards import Answered, RewardFunction, Scorer, built_in_rewards
from grpo_core.types import Problem

_log = logging.getLogger(__name__)
OwnFunction = Callable[[str, Problem], Any]
LONGEST_REASON = 300


class Failures:
    """What a person's own reward functions failed at, by reason; `take_news` says once what is new."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._changed = False

    def add(self, name: str, reason: str) -> None:
        if not self._counts[name, reason]:
            _log.warning("the reward %s gave nothing: %s", name, reason)
        self._counts[name, reason] += 1
        self._changed = True

    def take_news(self) -> list[str] | None:
        """A sentence for each function that failed, with its commonest reason; None if nothing changed."""
        if not self._changed:
            return None
        self._changed = False
        return [self._sentence(name) for name in dict.fromkeys(name for name, _ in self._counts)]

    def _sentence(self, name: str) -> str:
        own = Counter({reason: count for (of, reason), count in self._counts.items() if of == name})
        return f"{name} gave no reward {own.total()} times: {own.most_common(1)[0][0]}"


def load_rewards(config: RunConfig, failures: Failures) -> dict[str, RewardFunction]:
    """Every reward of the run by name, also those that are only recorded. Raises ConfigError for a function of a
    person's own that is not there."""
    known = built_in_rewards(config)
    return {
        name: known[name] if name in known else own_reward(name, load_own(name), failures)
        for name in config.recorded_rewards
    }


def load_own(name: str) -> OwnFunction:
    """The function that `python:module.function` names; raises ConfigError in words a person can act on."""
    matched = OWN_REWARD.fullmatch(name)
    if matched is None:
        raise ConfigError(f"The reward {name!r} is not of the form python:module.function.")
    try:
        found = getattr(importlib.import_module(matched[1]), matched[2], None)
    except (Exception, SystemExit) as error:
        raise ConfigError(
            f"The reward {name} cannot be imported: {_reason(error)}. Its module must be installed, or lie in a folder "
            f"that PYTHONPATH names."
        ) from error
    if not callable(found):
        what = "has no such function" if found is None else "has something of that name that cannot be called"
        raise ConfigError(f"The reward {name} cannot be used: the module {matched[1]} {what}.")
    return found


def own_reward(name: str, function: OwnFunction, failures: Failures) -> RewardFunction:
    """As a reward function that never raises: a failure is no reward, and its reason is kept."""

    def reward(answered: Answered) -> float | None:
        try:
            value = function(answered.text, answered.problem)
            if value is None:
                return None
            if isinstance(value, Real) and math.isfinite(value):
                return float(value)
            failures.add(name, f"it returned {value!r:.40}, which is no number")
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a person's code must not end the run
            failures.add(name, _reason(error))
        return None

    return reward


def reward_functions(rewards: dict[str, RewardFunction], scorer: Scorer) -> list[Callable[..., list[float | None]]]:
    """The rewards as TRL calls them, named as ours are."""
    return [_for_trl(name, reward, scorer) for name, reward in rewards.items()]


def _for_trl(name: str, reward: RewardFunction, scorer: Scorer) -> Callable[..., list[float | None]]:
    def function(
        completions: Sequence[Any], completion_ids: Sequence[Sequence[int]], **columns: Any
    ) -> list[float | None]:
        problems = [read_problem(text) for text in columns[PROBLEM_COLUMN]]
        texts = [text_of(completion) for completion in completions]
        verdicts = scorer.verdicts(problems, texts)
        counts = [len(ids) for ids in completion_ids]
        return [reward(Answered(*each)) for each in zip(problems, texts, counts, verdicts, strict=True)]

    function.__name__ = name
    return function


def _reason(error: BaseException) -> str:
    """One line of it, whatever it says."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return text[:LONGEST_REASON]
