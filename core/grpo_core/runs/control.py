"""What a person may do to a run, from any screen: each is a row in `control.db`, or a new start of what has ended."""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import asdict, dataclass, replace

from grpo_core.errors import DiskFullError, RunError
from grpo_core.runs.checkpoints import newest_sound_checkpoint, step_of
from grpo_core.runs.ending import record_forced_end
from grpo_core.runs.escalation import end_by_force
from grpo_core.runs.evaluations import KIND
from grpo_core.runs.exactness import doubts_of_resume
from grpo_core.runs.folder import RunFolder
from grpo_core.runs.process import read_process_record
from grpo_core.runs.start import start_supervisor
from grpo_core.runs.status import ENDED, RunSummary, summarise
from grpo_core.store import Command, ControlDb
from grpo_core.store.control import UNDER_WAY, CommandKind
from grpo_core.types import Json, RunStatus


@dataclass(frozen=True, slots=True)
class Control:
    """One button: what it is called, what it does in a sentence, and in which states it makes sense. `doubt` is what a
    person should know before it is done: a resume that may not be exact."""

    kind: CommandKind
    label: str
    meaning: str
    states: frozenset[RunStatus]
    discard: bool = False
    doubt: str = ""

    def to_json(self) -> Json:
        return {key: value for key, value in asdict(self).items() if key != "states"}


_WORKING: frozenset[RunStatus] = frozenset({"starting", "running", "paused"})
CONTROLS: tuple[Control, ...] = (
    Control("pause", "Pause", "Wait after this step; memory is kept.", frozenset({"starting", "running"})),
    Control("resume", "Resume", "Go on from here.", ENDED | {"paused"}),
    Control("checkpoint", "Checkpoint", "Write a checkpoint after this step.", _WORKING),
    Control("evaluate", "Evaluate", "Evaluate on the held-out problems after this step.", _WORKING),
    Control("suspend", "Suspend", "Write a checkpoint and give the memory back; resume later.", _WORKING),
    Control("stop", "Stop", "Write a checkpoint and end the run; the model is kept.", _WORKING),
    Control("stop", "Discard", "End the run and remove its checkpoints; the groups stay.", _WORKING, discard=True),
)


def possible_controls(summary: RunSummary) -> list[Control]:
    """What makes sense for a run in this state; somebody's own trainer (`watch`) takes no commands."""
    if summary.watched or (summary.status in ENDED and is_complete(summary)):
        return []
    return [control for control in CONTROLS if summary.status in control.states]


def offered_controls(folder: RunFolder, summary: RunSummary) -> list[Control]:
    """Those that are possible; for a run that has ended, where its resume begins and what speaks against an exact
    one."""
    found = possible_controls(summary)
    if summary.status not in ENDED or not found:
        return found
    meaning, doubt = _meaning_of_resume(folder), " ".join(doubts_of_resume(folder))
    return [replace(each, meaning=meaning, doubt=doubt) if each.kind == "resume" else each for each in found]


def _meaning_of_resume(folder: RunFolder) -> str:
    """Of a large checkpoint only the resume itself reads every byte."""
    newest, complaints = newest_sound_checkpoint(folder, bytes_too=False)
    damage = "".join(f" {complaint}." for complaint in complaints)
    if newest is None:
        return f"Begin again: there is no whole checkpoint to go on from.{damage}"
    return f"Go on from the checkpoint of step {step_of(newest)}; later groups stay.{damage}"


def is_done(command: Command) -> bool:
    """Has the trainer done it, or said why not?"""
    return command.acknowledged_at is not None and command.result != UNDER_WAY.get(command.kind)


def is_complete(summary: RunSummary) -> bool:
    """Has it taken all of its steps?"""
    return summary.step is not None and summary.max_steps is not None and summary.step >= summary.max_steps


def command_run(folder: RunFolder, kind: CommandKind, issuer: str, *, discard: bool = False) -> str:
    """Ask for it; what happens next, in a sentence. Raises RunError, with the reason, where it makes no sense."""
    summary = summarise(folder)
    control = next(each for each in CONTROLS if (each.kind, each.discard) == (kind, discard))
    if control not in possible_controls(summary):
        raise RunError(_why_not(folder, summary, kind))
    if kind == "resume" and summary.status in ENDED:
        return resume_run(folder, issuer)
    _issue(folder, kind, issuer, discard)
    if kind in ("stop", "suspend") and summary.orphan:
        return f"{folder.id} has lost its supervisor: it is told to stop; `stop --now` ends it at once."
    return f"{folder.id} was told to {kind}. {'' if kind == 'resume' else control.meaning}".rstrip()


def resume_run(folder: RunFolder, issuer: str) -> str:
    """Start an ended run again, from its newest sound checkpoint; RunError if somebody has it already."""
    checkpoint, complaints = newest_sound_checkpoint(folder)
    doubt = doubts_of_resume(folder)
    start_supervisor(folder)
    _record(folder, "resume", issuer, "started again")
    if checkpoint is None:
        begins = f"{folder.id} has no whole checkpoint: it starts again from the beginning."
        return " ".join([begins, *(f"{complaint}." for complaint in complaints)])
    damage = [f"{complaint}, so the one before is taken." for complaint in complaints]
    return " ".join([f"{folder.id} goes on from step {step_of(checkpoint)}.", *damage, *doubt])


def stop_now(folder: RunFolder, issuer: str) -> str:
    """End the trainer without waiting for its step: TERM, then KILL. For what hangs, or has lost its supervisor."""
    record = read_process_record(folder.process_file)
    by = end_by_force(record.trainer) if record and record.trainer else None
    if by is None:
        raise RunError(f"{folder.id} has no trainer that could be stopped.")
    record_forced_end(folder, by)
    _record(folder, "stop", issuer, "ended at once")
    return f"{folder.id} was ended."


def _why_not(folder: RunFolder, summary: RunSummary, kind: CommandKind) -> str:
    if summary.objective == KIND:
        return f"{folder.id} is an evaluation: interrupt it where it was started."
    if summary.watched:
        return f"{folder.id} belongs to somebody's own script: end it there."
    if kind == "resume" and summary.status in ENDED:
        return f"{folder.id} has taken all of its {summary.max_steps} steps: there is nothing to resume."
    return f"{folder.id} is {summary.status}: it cannot {kind} now."


def _issue(folder: RunFolder, kind: CommandKind, issuer: str, discard: bool) -> None:
    with closing(ControlDb(folder.path.parent)) as control:
        control.issue(folder.id, kind, issuer, {"discard": True} if discard else None)


def _record(folder: RunFolder, kind: CommandKind, issuer: str, result: str) -> None:
    """An action that no trainer acknowledges, on record all the same; it is done, so a full disk only leaves it out."""
    with suppress(DiskFullError), closing(ControlDb(folder.path.parent)) as control:
        control.acknowledge(control.issue(folder.id, kind, issuer), result)
