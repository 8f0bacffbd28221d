"""`grpo-dash runs` and `show`: what runs there are, and what one of them is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grpo_app.commands.common import SCHEMA, find_referenced, say, say_json
from grpo_core.runs import RunSummary
from grpo_core.text import clean_line
from grpo_core.views import STATUS_WORDS, list_runs, show_run
from grpo_core.views.numbers import UNKNOWN
from grpo_core.views.plain import plain_group, plain_run, status_notes

HEAD = ("STATUS", "RUN", "STEP", "GROUPS", "MODEL", "OBJECTIVE", "MADE")


def list_all(runs_dir: Path, as_json: bool) -> int:
    runs = list_runs(runs_dir)
    if as_json:
        say_json({"schema": SCHEMA, "runs": [run.to_json() for run in runs]})
    elif runs:
        say("\n".join([_table([HEAD, *(_row(run) for run in runs)]), *_notices(runs)]))
    else:
        say(f"There are no runs in {runs_dir} yet. Start one: grpo-dash train --preset demo")
    return 0


def show(runs_dir: Path, text: str, as_json: bool, groups: int) -> int:
    folder, reference = find_referenced(runs_dir, text)
    document = show_run(folder, reference, groups)
    if as_json:
        say_json(document)
    elif reference.group is not None:
        say(plain_group(document["groups"][0], reference.completion))
    else:
        say(plain_run(document, groups))
    return 0


def _row(run: RunSummary) -> tuple[str, ...]:
    word = STATUS_WORDS[run.status]
    step = UNKNOWN if run.step is None else str(run.step)
    return (
        f"{word.mark} {word.label}{status_notes(run.to_json())}",
        run.id,
        f"{step}/{run.max_steps or UNKNOWN}",
        str(run.groups),
        clean_line(run.model or UNKNOWN),
        clean_line(run.objective or UNKNOWN),
        (run.created_at or UNKNOWN).replace("T", " ")[:16],
    )


def _notices(runs: Sequence[RunSummary]) -> list[str]:
    """What a person should know of a run besides its status: that its database is damaged, that its disk is full."""
    said = [f"! {run.id}: {clean_line(run.notice)}" for run in runs if run.notice]
    return ["", *said] if said else []


def _table(rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines)
