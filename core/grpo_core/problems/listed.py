"""Problems held in memory, in two lists that share no question: what `gsm8k`, `math` and parquet files give."""

from __future__ import annotations

from collections.abc import Iterator, MutableSequence, Sequence
from itertools import islice
from random import Random
from typing import TypeVar

from grpo_core.errors import ProblemsError
from grpo_core.problems.split import fingerprint, is_heldout, normal_text
from grpo_core.types import Problem

Item = TypeVar("Item")


class ListedProblems:
    """`splits` says in one sentence which part of which source is trained on and which is held out."""

    def __init__(self, name: str, train: Sequence[Problem], heldout: Sequence[Problem], splits: str) -> None:
        self.name = name
        self.splits = splits
        self._heldout = list({fingerprint(problem.prompt): problem for problem in heldout}.values())
        held = {normal_text(problem.prompt) for problem in self._heldout}
        self._train = [problem for problem in train if normal_text(problem.prompt) not in held]
        self.overlap = overlap_sentence(len(train) - len(self._train), name)
        refuse_empty(name, len(self._train) + len(self._heldout))

    def train_problems(self, count: int, seed: int) -> list[Problem]:
        return list(islice(endless(list(self._train), Random(f"train/{seed}")), count))

    def heldout_problems(self, count: int, seed: int = 0) -> list[Problem]:
        shuffled = list(self._heldout)
        Random(f"heldout/{seed}").shuffle(shuffled)
        return shuffled[:count]


def overlap_sentence(count: int, name: str) -> str:
    """What is said of training rows whose question is held out; empty for none."""
    if not count:
        return ""
    rows = f"1 training row of {name} asks" if count == 1 else f"{count} training rows of {name} ask"
    return f"{rows} what a held-out one asks, by the text: not trained on."


def refuse_empty(name: str, count: int) -> None:
    if not count:
        raise ProblemsError(f"{name} is empty: it has no problem.")


def split_by_question(name: str, problems: Sequence[Problem]) -> ListedProblems:
    """One list, a tenth of whose questions are held out by their text alone."""
    train = [problem for problem in problems if not is_heldout(problem.prompt)]
    heldout = [problem for problem in problems if is_heldout(problem.prompt)]
    return ListedProblems(name, train, heldout, f"One question in ten of {name} is held out, chosen by its text.")


def endless(order: MutableSequence[Item], dice: Random) -> Iterator[Item]:
    """All of them, in a new order each time round; nothing of nothing. `order` is shuffled in place."""
    while order:
        dice.shuffle(order)
        yield from order
