"""Can every gold answer be read? Asked before a run of the oracle, in a process of its own: screens hold no SymPy."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from functools import lru_cache

from grpo_core.errors import RunError
from grpo_core.types import Problem

CHECK_MODULE = "grpo_core.oracle.gold_check"


def golds_error(problems: Sequence[Problem], source: str) -> str | None:
    """One sentence about the golds that cannot be read; None if all can."""
    golds = tuple(dict.fromkeys(problem.gold for problem in problems))
    faults = dict(_unreadable(golds))
    bad = [problem for problem in problems if problem.gold in faults]
    if not bad:
        return None
    first = bad[0]
    count = len({problem.prompt for problem in bad})
    others = f", and {count - 1} more like it" if count > 1 else ""
    return (
        f"{source}: the gold {first.gold[:60]!r} of the problem {first.prompt[:60]!r} cannot be read as an answer "
        f"({faults[first.gold].rstrip('.')}){others}: mend or remove such rows."
    )


@lru_cache(maxsize=4)
def _unreadable(golds: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Each gold that cannot be read, and why."""
    command = [sys.executable, "-P", "-m", CHECK_MODULE]
    done = subprocess.run(command, input=json.dumps(golds), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RunError(f"The golds could not be checked: {done.stderr.strip()[-300:]}")
    return tuple((gold, why) for gold, why in json.loads(done.stdout))
