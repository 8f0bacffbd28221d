"""Problems held in memory, in two lists that share no question: what `gsm8k`, `math` and parquet files give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from random import Random

from grpo_core.errors import ProblemsError
from grpo_core.problems.split import fingerprint, is_heldout, normal_text
from grpo_core.types import Problem


class ListedProblems:
    """`splits` says in one sentence which part of which source is trained on and which is held out."""

    def __init__(self, name: str, train: Sequence[Problem], heldout: Sequence[Problem], splits: str) -> None:
        self.name = name
        self.splits = splits
        self._heldout = list({fingerprint(problem.prompt): problem for problem in heldout}.values())
        held = {normal_text(problem.prompt) for problem in self._heldout}
        self._train = [problem for problem in train if normal_text(problem.prompt) not in held]
        self.overlap = overlap_sentence(len(train) - len(self._train), name)
        if not self._train:
            raise ProblemsError(nothing_to_train_on(name, len(self._heldout)))

    def train_problems(self, count: int, seed: int) -> list[Problem]:
        return list(islice(_endless(self._train, Random(f"train/{seed}")), count))

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


def nothing_to_train_on(name: str, heldout: int) -> str:
    if heldout:
        return f"{name} has no problem to train on ({heldout} held out)."
    return f"{name} is empty: it has no problem to train on."


def split_by_question(name: str, problems: Sequence[Problem]) -> ListedProblems:
    """One list, a tenth of whose questions are held out by their text alone."""
    train = [problem for problem in problems if not is_heldout(problem.prompt)]
    heldout = [problem for problem in problems if is_heldout(problem.prompt)]
    return ListedProblems(name, train, heldout, f"One question in ten of {name} is held out, chosen by its text.")


def _endless(problems: Sequence[Problem], dice: Random) -> Iterator[Problem]:
    """All of them, in a new order each time round."""
    order = list(problems)
    while True:
        dice.shuffle(order)
        yield from order
