"""`grpo-dash check`: the golds of a problem set that do not verify against themselves."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from grpo_app.commands.common import SCHEMA, UsageError, say, say_json, tell
from grpo_app.commands.train import Progress
from grpo_core.errors import ProblemsError
from grpo_core.oracle.gold_check import GoldFault, faulty_golds
from grpo_core.problems import load_problem_set
from grpo_core.problems.parts import MANY, part_of
from grpo_core.text import clean_line
from grpo_core.types import Problem

ALL_GOOD, SOME_FAULTY = 0, 1
OF_AN_ENDLESS_SET = 1_000
BATCH = 100


def check(spec: str, limit: int | None, as_json: bool) -> int:
    """0 if every gold verifies against itself, else 1; raises UsageError if the set cannot be read."""
    if limit is not None and limit < 1:
        raise UsageError(f"Cannot check {limit} problems: give a number from 1 on.")
    endless = spec.partition(":")[0] == "generated"
    try:
        problems = part_of(load_problem_set(spec), "all", limit or (OF_AN_ENDLESS_SET if endless else MANY))
    except ProblemsError as error:
        raise UsageError(str(error)) from error
    faults, count = _checked(problems), len(problems)
    if as_json:
        say_json(
            {"schema": SCHEMA, "problems": spec, "checked": count, "faults": [fault.to_json() for fault in faults]}
        )
    else:
        _say_faults(faults)
        tell(_summary(len(faults), count))
    return SOME_FAULTY if faults else ALL_GOOD


def _checked(problems: Sequence[Problem]) -> list[GoldFault]:
    progress, faults = Progress(sys.stderr), list[GoldFault]()
    for start in range(0, len(problems), BATCH):
        batch = problems[start : start + BATCH]
        faults += faulty_golds(batch)
        progress.show(f"{start + len(batch):,} of {len(problems):,} golds")
    progress.end()
    return faults


def _say_faults(faults: list[GoldFault]) -> None:
    for fault in faults:
        say(f"{clean_line(fault.problem_id)}  {clean_line(fault.gold)}  {clean_line(fault.message)}")


def _summary(faulty: int, checked: int) -> str:
    if not faulty:
        return f"All {checked:,} golds verify against themselves."
    return f"{faulty:,} of {checked:,} golds do not verify against themselves: no completion can be right on those."
