"""What state a run is in, derived each time from facts: its records, its processes, what its trainer last said."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from grpo_core.errors import GrpoDashError
from grpo_core.runs.folder import RunFolder
from grpo_core.runs.labels import read_labels
from grpo_core.runs.process import (
    ExitRecord,
    ProcessIdentity,
    ProcessRecord,
    clock,
    find_process,
    is_suspended,
    read_exit_record,
    read_process_record,
)
from grpo_core.types import Json, RunStatus

NOT_STOPPED = {"stopping": False, "stop_reason": None, "suspended": False, "paused": False, "held": None}
"""Facts that a new attempt begins with."""
STALLED_SECONDS = 15.0
"""A trainer whose process has given no sign of life for so long is shown as stalled."""
LEAST_PATIENCE = 120.0
STEPS_OF_PATIENCE = 20.0
"""So is one that lives and comes to nothing (no token, no next phase) for so many seconds, and for so many of its
steps: a reward function that hangs, a device that does not answer."""
ALIVE: frozenset[RunStatus] = frozenset({"starting", "running", "paused", "stopping"})
ENDED: frozenset[RunStatus] = frozenset({"finished", "failed", "killed", "lost", "suspended"})


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One line of the list of runs; RUN of the JSON interface. `orphan`: it trains, but its supervisor is gone.
    `stop_reason`: `stopped`, `suspended` or `discarded` where somebody ended it before its last step. `notice` is a
    sentence that the status does not say: why it waits by itself, or that its database cannot be read."""

    id: str
    name: str
    status: RunStatus
    stalled: bool
    exit: Json | None
    created_at: str | None
    backend: str | None
    model: str | None
    objective: str | None
    step: int | None
    max_steps: int | None
    groups: int
    completions: int
    watched: bool = False
    orphan: bool = False
    stop_reason: str | None = None
    notice: str | None = None
    tags: tuple[str, ...] = ()

    def to_json(self) -> Json:
        return {**asdict(self), "tags": list(self.tags)}


def summarise(
    folder: RunFolder, facts: dict[str, Any] | None = None, counters: dict[str, int] | None = None
) -> RunSummary:
    """The run's line. `facts` and `counters` save a read where the caller has them already."""
    damage = None
    if facts is None or counters is None:
        facts, counters, damage = _read(folder)
    process = read_process_record(folder.process_file)
    ended = _exit_of(process, read_exit_record(folder.exit_file))
    status = _status(process, ended, facts)
    if status == "lost":
        # The record may have been written while we looked for the processes.
        ended = _exit_of(process, read_exit_record(folder.exit_file))
        status = _status(process, ended, facts)
    labels = read_labels(folder.path)
    return RunSummary(
        id=folder.id,
        name=labels.name or facts.get("name", folder.id),
        status=status,
        stalled=status in ALIVE and _is_stalled(folder, process, facts),
        exit={"code": ended.code, "signal": ended.signal} if ended else None,
        created_at=facts.get("created_at"),
        backend=facts.get("backend"),
        model=facts.get("model"),
        objective=facts.get("objective"),
        step=facts.get("step"),
        max_steps=facts.get("max_steps"),
        groups=counters.get("groups", 0),
        completions=counters.get("completions", 0),
        watched=bool(facts.get("watched")),
        orphan=status in ALIVE and process is not None and find_process(process.supervisor) is None,
        stop_reason=facts.get("stop_reason"),
        notice=damage or (facts.get("held") if status in ALIVE else None),
        tags=labels.tags,
    )


def process_ids(folder: RunFolder) -> dict[str, int | None]:
    """The pids of what is alive, for `show`."""
    process = read_process_record(folder.process_file)
    supervisor = find_process(process.supervisor if process else None)
    trainer = find_process(process.trainer if process else None)
    return {
        "supervisor": supervisor.pid if supervisor else None,
        "trainer": trainer.pid if trainer else None,
    }


def _read(folder: RunFolder) -> tuple[dict[str, Any], dict[str, int], str | None]:
    """Facts and counters, and what is wrong with the database if they cannot be read."""
    try:
        reader = folder.reader()
    except GrpoDashError as error:
        return {}, {}, str(error)
    try:
        return reader.facts(), reader.counters(), None
    except GrpoDashError as error:
        return {}, {}, str(error)
    finally:
        reader.close()


def _exit_of(process: ProcessRecord | None, ended: ExitRecord | None) -> ExitRecord | None:
    """The exit record, unless it is of an earlier attempt than the one that runs."""
    return ended if ended and (process is None or ended.attempt == process.attempt) else None


def _status(process: ProcessRecord | None, ended: ExitRecord | None, facts: dict[str, Any]) -> RunStatus:
    if process is None:
        return _status_of_foreign(facts)
    if ended:
        return _status_of_ended(ended, facts)
    if process.trainer and find_process(process.trainer):
        return _status_of_living(facts)
    if find_process(process.supervisor):
        # It has not started the trainer yet, or is writing down how it ended.
        return "stopping" if process.trainer else "starting"
    return "lost"


def _status_of_living(facts: dict[str, Any]) -> RunStatus:
    if facts.get("stopping"):
        return "stopping"
    if facts.get("paused") or facts.get("held"):
        return "paused"
    return "running" if facts.get("started_at") else "starting"


def _status_of_ended(ended: ExitRecord, facts: dict[str, Any]) -> RunStatus:
    if ended.signal is not None:
        return "killed"
    if ended.code != 0:
        return "failed"
    return "suspended" if facts.get("suspended") else "finished"


def _status_of_foreign(facts: dict[str, Any]) -> RunStatus:
    """A run without a supervisor: not started yet, or one that `watch` attached to somebody's own trainer."""
    watched = facts.get("watched")
    if facts.get("imported"):
        return "finished"
    if not watched:
        return "created"
    if facts.get("finished"):
        return "finished"
    alive = find_process(ProcessIdentity(**watched))
    return _status_of_living(facts) if alive else "lost"


def _is_stalled(folder: RunFolder, process: ProcessRecord | None, facts: dict[str, Any]) -> bool:
    """Alive but not stirring: its process is stopped, its heartbeat is old, or it has come to nothing for long."""
    trainer = find_process(process.trainer) if process else None
    if trainer and is_suspended(trainer):
        return True
    beaten, stirred = heartbeat_ages(folder)
    if beaten is not None and beaten > STALLED_SECONDS:
        return True
    pace = facts.get("seconds_per_step")
    return bool(pace and stirred and stirred > max(LEAST_PATIENCE, STEPS_OF_PATIENCE * pace))


def heartbeat_ages(folder: RunFolder) -> tuple[float | None, float | None]:
    """Seconds since the trainer's process gave a sign of life, and since its training came to something; None for what
    never was (in this boot)."""
    try:
        ages = [clock() - float(word) for word in folder.heartbeat.read_text().split()]
    except (OSError, ValueError):
        return None, None
    beaten, stirred = ([age if age >= 0 else None for age in ages] + [None, None])[:2]
    return beaten, stirred
