"""Which answer of several is the commonest, where `1/2`, `0.5` and `\\frac12` are the same answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from grpo_core.oracle.gold import text_key
from grpo_core.oracle.nodes import Node
from grpo_core.oracle.tasks import JudgeTask
from grpo_core.oracle.verdict import decide
from grpo_core.types import Verdict


def majority_is_right(verdicts: Sequence[Verdict | None]) -> bool:
    """Is the commonest answer right? False where no completion has an answer.

    Right answers are one answer, as all equal the gold; wrong ones are compared with each other by the oracle, without
    its slow proofs. Of equally common answers the one that was given first counts: samples come in no order, so this
    is right as often as a fair draw among them.
    """
    kinds = answer_kinds(verdicts)
    known = [kind for kind in kinds if kind is not None]
    if not known:
        return False
    commonest = Counter(known).most_common(1)[0][0]
    first = verdicts[kinds.index(commonest)]
    return first is not None and first.outcome == "correct"


def answer_kinds(verdicts: Sequence[Verdict | None]) -> list[int | None]:
    """A number for each completion's answer, equal for equal answers; None for one without an answer."""
    right: int | None = None
    wrong: dict[str, int] = {}
    kinds: list[int | None] = []
    for place, verdict in enumerate(verdicts):
        if verdict is None or verdict.extracted is None:
            kinds.append(None)
        elif verdict.outcome == "correct":
            right = place if right is None else right
            kinds.append(right)
        else:
            kinds.append(_kind_of(verdict.extracted, wrong, place))
    return kinds


def _kind_of(answer: str, known: dict[str, int], place: int) -> int:
    """The kind of the first known answer that is the same; else its own, named by its place."""
    if answer not in known:
        same = next((kind for other, kind in known.items() if same_answer(answer, other)), place)
        known[answer] = same
    return known[answer]


@lru_cache(maxsize=8192)
def same_answer(one: str, other: str) -> bool:
    """Are two extracted answers equal, by everything but slow proofs?"""
    if text_key(one) == text_key(other) != "":
        return True
    return decide(JudgeTask(f"\\boxed{{{one}}}", other, gold_format="raw"), lambda: _prove_nothing).outcome == "correct"


def _prove_nothing(left: Node, right: Node) -> bool | None:
    return None
