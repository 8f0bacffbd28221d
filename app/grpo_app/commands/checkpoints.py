"""`grpo-dash evaluate` and `export-model`: what is done with a checkpoint, each by an engine process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ENGINE = "grpo_core.engine"


def evaluate(runs_dir: Path, target: str, options: dict[str, str | int | float | None], as_json: bool) -> int:
    """The engine's exit code."""
    words = [word for name, value in options.items() if value is not None for word in (f"--{name}", str(value))]
    return _engine(runs_dir, "evaluate", target, *words, *(["--json"] if as_json else []))


def export_model(runs_dir: Path, target: str, out: Path) -> int:
    """The engine's exit code."""
    return _engine(runs_dir, "export-model", target, "--out", str(out))


def _engine(runs_dir: Path, *words: str) -> int:
    """It alone holds torch."""
    command = [sys.executable, "-m", ENGINE, *words, "--runs-dir", str(runs_dir)]
    return subprocess.run(command, check=False).returncode
