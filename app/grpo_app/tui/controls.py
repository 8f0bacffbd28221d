"""What can be done to a run from the terminal: the controls that make sense, their letters, and what was asked last."""

from __future__ import annotations

from collections.abc import Sequence

from grpo_core.runs import RunFolder
from grpo_core.runs.control import command_run, is_done, stop_now
from grpo_core.runs.status import ALIVE
from grpo_core.store import Command
from grpo_core.types import Json

ISSUER = "terminal"
PATIENCE = 20.0
"""Seconds after which a stop that did not come about may be forced."""
STOP_NOW: Json = {
    "kind": "stop now",
    "label": "Stop now",
    "meaning": "End the trainer without waiting for its step: for a stalled one.",
    "discard": False,
    "doubt": "",
}
_LETTERS = {
    "Pause": "p",
    "Resume": "r",
    "Checkpoint": "c",
    "Evaluate": "e",
    "Suspend": "s",
    "Stop": "t",
    "Discard": "d",
    "Stop now": "n",
}
_DESTRUCTIVE = ("stop", "stop now")
_STOPPING = ("stop", "suspend")
_WITHOUT_STATUS = ("checkpoint", "evaluate")
"""Of these the status says nothing."""


def offered_controls(run: Json | None, commands: Sequence[Command], now: float) -> list[Json]:
    """What makes sense now. `commands` are newest first; `now` is in epoch seconds, as theirs."""
    if run is None:
        return []
    return [*run["controls"], STOP_NOW] if _may_force(run, commands, now) else list(run["controls"])


def letter_of(control: Json) -> str:
    return _LETTERS.get(control["label"], "")


def is_asked_back(control: Json) -> bool:
    """Is it asked about before it is done? What ends the run is, and a resume that may not be exact."""
    return control["kind"] in _DESTRUCTIVE or bool(control["doubt"])


def explanation_of(control: Json) -> str:
    """What the person is told who is asked back."""
    return f"{control['meaning']} {control['doubt']}".rstrip()


def asked_words(commands: Sequence[Command]) -> str:
    """What was asked, by anybody, and has not come about yet: `pause asked…`; empty if there is nothing."""
    kinds = [command.kind for command in reversed(commands) if command.acknowledged_at is None]
    return f"{', '.join(dict.fromkeys(kinds))} asked…" if kinds else ""


def news_of(before: Sequence[Command], now: Sequence[Command], since: float) -> list[str]:
    """What came of a checkpoint or an evaluation asked for after `since` (epoch seconds) and not known as done
    `before`, a sentence each."""
    known = {command.id for command in before if is_done(command)}
    news = [command for command in now if is_done(command) and command.id not in known and command.created_at >= since]
    return [f"{each.kind.capitalize()}: {each.result}." for each in news if each.kind in _WITHOUT_STATUS]


def do_control(folder: RunFolder, control: Json) -> str:
    """Ask for it, once; the sentence about it. Raises GrpoDashError where it makes no sense."""
    if control["kind"] == STOP_NOW["kind"]:
        return stop_now(folder, ISSUER)
    return command_run(folder, control["kind"], ISSUER, discard=control["discard"])


def _may_force(run: Json, commands: Sequence[Command], now: float) -> bool:
    if run["watched"] or run["status"] not in ALIVE:
        return False
    asked = _stop_asked_at(commands)
    return bool(run["stalled"] or run["orphan"]) or (asked is not None and now - asked > PATIENCE)


def _stop_asked_at(commands: Sequence[Command]) -> float | None:
    """When this attempt of the run was last told to stop, if it was: a resume is a new attempt."""
    for command in commands:
        if command.kind == "resume":
            return None
        if command.kind in _STOPPING:
            return command.created_at
    return None
