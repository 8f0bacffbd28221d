"""Does every gold of a problem set verify against itself? A gold that does not would score every completion wrong.

As a program: golds as a JSON list on stdin; on stdout those that cannot be read, each with why.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from grpo_core.oracle.exact import Undefined, rational
from grpo_core.oracle.gold import read_gold
from grpo_core.oracle.judge import judge
from grpo_core.oracle.limits import OverBudget
from grpo_core.oracle.nodes import Node
from grpo_core.types import Json, Outcome, Problem


@dataclass(frozen=True, slots=True)
class GoldFault:
    """A problem whose gold, boxed as an answer, is not judged correct; `message` says why."""

    problem_id: str
    gold: str
    outcome: Outcome
    message: str

    def to_json(self) -> Json:
        return {"id": self.problem_id, "gold": self.gold, "outcome": self.outcome, "message": self.message}


def faulty_golds(problems: Iterable[Problem]) -> list[GoldFault]:
    """The problems whose gold cannot be read, or does not verify against itself, in their order."""
    return [fault for problem in problems if (fault := _fault(problem)) is not None]


def unreadable(gold: str) -> str | None:
    """Why a gold cannot be read; None if it can."""
    read = read_gold(gold, "auto")
    if read.tree is None:
        return read.problem if read.letter is None else None
    return "it divides by zero" if _is_undefined(read.tree) else None


def _is_undefined(tree: Node) -> bool:
    try:
        rational(tree)
    except Undefined:
        return True
    except OverBudget:
        return False
    return False


def _fault(problem: Problem) -> GoldFault | None:
    if (why := unreadable(problem.gold)) is not None:
        return GoldFault(problem.id, problem.gold, "unscorable", f"The gold cannot be read: {why}")
    verdict = judge(f"\\boxed{{{read_gold(problem.gold, 'auto').text}}}", problem.gold)
    if verdict.outcome == "correct":
        return None
    return GoldFault(problem.id, problem.gold, verdict.outcome, verdict.message)


if __name__ == "__main__":
    json.dump([[gold, why] for gold in json.load(sys.stdin) if (why := unreadable(gold)) is not None], sys.stdout)
