"""Does every gold of a problem set verify against itself? A gold that does not would score every completion wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grpo_core.oracle.gold import read_gold
from grpo_core.oracle.judge import judge
from grpo_core.types import Outcome, Problem


@dataclass(frozen=True, slots=True)
class GoldFault:
    """A problem whose gold, boxed as an answer, is not judged correct; `message` says why."""

    problem_id: str
    gold: str
    outcome: Outcome
    message: str


def faulty_golds(problems: Iterable[Problem]) -> list[GoldFault]:
    """The problems whose gold cannot be read, or does not verify against itself, in their order."""
    return [fault for problem in problems if (fault := _fault(problem)) is not None]


def _fault(problem: Problem) -> GoldFault | None:
    gold = read_gold(problem.gold, "auto")
    if gold.tree is None and gold.letter is None:
        message = f"The gold cannot be read: {gold.problem}"
        return GoldFault(problem.id, problem.gold, "unscorable", message)
    verdict = judge(f"\\boxed{{{gold.text}}}", problem.gold)
    if verdict.outcome == "correct":
        return None
    return GoldFault(problem.id, problem.gold, verdict.outcome, verdict.message)
