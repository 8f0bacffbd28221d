"""`grpo-dash evaluate`, `compare` and `export-model`: what is done with checkpoints.

Evaluating and exporting are done by an engine process of their own, which alone holds torch.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from grpo_app.commands.common import SCHEMA, UsageError, say, say_json
from grpo_core.errors import RunError
from grpo_core.runs.subjects import find_subject
from grpo_core.views.comparison import compare, plain_comparison

ENGINE = "grpo_core.engine"


def evaluate(runs_dir: Path, target: str, options: dict[str, str | int | float | Path | None], as_json: bool) -> int:
    """The engine's exit code. Raises UsageError before it is started where the target is nothing."""
    _refuse_unknown(runs_dir, target)
    words = [word for name, value in options.items() if value is not None for word in (f"--{name}", str(value))]
    return _engine(runs_dir, "evaluate", target, *words, *(["--json"] if as_json else []))


def compare_evaluations(runs_dir: Path, first: str, second: str, as_json: bool) -> int:
    """Of what is stored already."""
    comparison = compare(runs_dir, first, second)
    if as_json:
        say_json({"schema": SCHEMA, **comparison.to_json()})
    else:
        say(plain_comparison(comparison))
    return 0


def export_model(runs_dir: Path, target: str, out: Path) -> int:
    """The engine's exit code, as for `evaluate`."""
    _refuse_unknown(runs_dir, target)
    return _engine(runs_dir, "export-model", target, "--out", str(out))


def _refuse_unknown(runs_dir: Path, target: str) -> None:
    try:
        find_subject(runs_dir, target)
    except RunError as error:
        raise UsageError(str(error)) from error


def _engine(runs_dir: Path, *words: str) -> int:
    command = [sys.executable, "-m", ENGINE, *words, "--runs-dir", str(runs_dir)]
    return subprocess.run(command, check=False).returncode
