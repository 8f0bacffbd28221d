"""`grpo-dash doctor`: what this machine can do, in words that a person can act on. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from grpo_app.commands.checks import Check
from grpo_app.commands.checks.machine import check_cores, check_gpu, check_memory, check_python
from grpo_app.commands.checks.packages import check_acceleration, check_packages
from grpo_app.commands.checks.place import check_disk, check_file_system, check_store
from grpo_app.commands.checks.screens import check_port, check_terminal
from grpo_app.commands.common import SCHEMA, say, say_json

MARKS = {"ok": "✓", "none": "·", "warn": "!", "bad": "✗"}


def doctor(runs_dir: Path, as_json: bool) -> int:
    """1 if anything is bad."""
    checks = list(all_checks(runs_dir))
    if as_json:
        say_json({"schema": SCHEMA, "runs_dir": str(runs_dir), "checks": [check.to_json() for check in checks]})
    else:
        say("\n".join(line for check in checks for line in _lines(check)))
    return 1 if any(check.state == "bad" for check in checks) else 0


def all_checks(runs_dir: Path) -> Iterator[Check]:
    yield check_python()
    yield from check_packages()
    yield check_acceleration()
    yield check_gpu()
    yield check_cores()
    yield check_memory()
    yield check_disk(runs_dir)
    yield check_file_system(runs_dir)
    yield check_store(runs_dir)
    yield check_port()
    yield check_terminal()


def _lines(check: Check) -> Iterator[str]:
    yield f"{MARKS[check.state]} {check.name:<13} {check.found}"
    if check.advice:
        yield f"  {'':<13} → {check.advice}"
