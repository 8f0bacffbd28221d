"""`grpo-dash pause`, `resume`, `suspend`, `checkpoint`, `stop`: asking a run for something, on record."""

from __future__ import annotations

from pathlib import Path

from grpo_app.commands.common import find_referenced, say, tell
from grpo_core.runs import summarise
from grpo_core.runs.control import command_run, offered_controls, stop_now
from grpo_core.store.control import CommandKind

ISSUER = "command line"


def control(runs_dir: Path, text: str, kind: CommandKind, *, discard: bool = False, now: bool = False) -> int:
    """Ask the run's trainer, which does it after the step it is in; with `now`, end it without waiting for that."""
    folder, _ = find_referenced(runs_dir, text)
    for asked in () if now else offered_controls(folder, summarise(folder)):
        if asked.kind == kind and asked.doubt:
            tell(f"Before it starts: {asked.doubt}")
    say(stop_now(folder, ISSUER) if now else command_run(folder, kind, ISSUER, discard=discard))
    return 0
