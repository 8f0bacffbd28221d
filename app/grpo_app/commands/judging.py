"""`grpo-dash verify`: the judge on a file of cases."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from grpo_app.commands.common import UsageError, say
from grpo_app.commands.train import Progress
from grpo_core.oracle.cases import CasesError, explain_case, verify_cases


def verify(cases: Path, out: Path | None, workers: int | None, explain: str | None) -> int:
    """0 whatever the verdicts; raises UsageError if the input cannot be read."""
    try:
        if explain is not None:
            say(explain_case(cases, explain))
        elif out is None:
            raise UsageError("Name the file for the verdicts with --out, or one case with --explain.")
        else:
            progress = Progress(sys.stderr)
            verify_cases(cases, out, workers or os.cpu_count() or 1, lambda n, all_: progress.show(f"{n} of {all_}"))
            progress.end()
    except CasesError as error:
        raise UsageError(str(error)) from error
    return 0
