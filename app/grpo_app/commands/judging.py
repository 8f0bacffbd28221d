"""`grpo-dash verify` and `evaluate`: the judge on a file of cases, and a checkpoint on held-out problems."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from grpo_app.commands.common import UsageError, say
from grpo_app.commands.train import Progress
from grpo_core.oracle.cases import CasesError, explain_case, verify_cases

ENGINE = "grpo_core.engine"


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


def evaluate(runs_dir: Path, target: str, options: dict[str, str | int | float | None], as_json: bool) -> int:
    """The engine's exit code: it alone holds torch, so it runs as a process of its own."""
    command = [sys.executable, "-m", ENGINE, "evaluate", target, "--runs-dir", str(runs_dir)]
    for name, value in options.items():
        if value is not None:
            command += [f"--{name}", str(value)]
    return subprocess.run([*command, *(["--json"] if as_json else [])], check=False).returncode
