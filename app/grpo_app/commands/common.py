"""What the commands share: writing for people, finding a run, and errors of use."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from grpo_core.errors import GrpoDashError, RunError
from grpo_core.runs import RunFolder, find_run
from grpo_core.types import Json
from grpo_core.views import Reference, parse_reference

SCHEMA = 1


class UsageError(GrpoDashError):
    """Something in the command line that cannot be meant: exit code 2."""


def say(text: str) -> None:
    """A line on stdout, at once: somebody may be waiting for it in a pipe."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def tell(text: str) -> None:
    """A line for the person on stderr, where it does not mix with what a program reads."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def say_json(value: Json) -> None:
    # ASCII escapes keep a lone surrogate or a control character of a completion out of the terminal.
    say(json.dumps(value, indent=2))


def find_referenced(runs_dir: Path, text: str) -> tuple[RunFolder, Reference]:
    """The run that a reference names, and the reference; raises UsageError if there is none."""
    reference = parse_reference(text)
    try:
        return find_run(runs_dir, reference.run), reference
    except RunError as error:
        raise UsageError(str(error)) from error
