"""Why a run ended badly: its exit code or signal, the last lines of its log, and the likely cause in words."""

from __future__ import annotations

import re
import signal
from dataclasses import asdict, dataclass

from grpo_core.runs.folder import RunFolder
from grpo_core.runs.process import ExitRecord, boot_id, read_exit_record, read_process_record
from grpo_core.types import Json, RunStatus

LOG_LINES = 12
_LOG_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class Ending:
    """`cause` is one sentence with what to do; `log` the last lines of the run's log."""

    cause: str
    code: int | None
    signal: int | None
    log: tuple[str, ...]

    def to_json(self) -> Json:
        return {**asdict(self), "log": list(self.log)}


_LOG_CAUSES: tuple[tuple[str, str], ...] = (
    # What the engine itself said last knows more than any pattern.
    (r"^grpo-dash: (?P<said>.+)", "{said}"),
    (
        r"No available memory for the cache blocks|can be stored in (the )?KV cache",
        "vLLM got too little of the GPU: raise vllm_gpu_memory_utilization, or lower max_completion_length.",
    ),
    (
        r"CUDA out of memory|OutOfMemoryError",
        "The GPU ran out of memory: lower per_device_train_batch_size, max_completion_length or num_generations.",
    ),
    (
        r"MemoryError|Cannot allocate memory|DefaultCPUAllocator: can't allocate memory",
        "The machine ran out of memory: lower per_device_train_batch_size, max_completion_length or num_generations.",
    ),
    (r"No space left on device|database or disk is full", "The disk is full: free some space, then resume."),
    (r"run cannot be stored any more: (?P<said>.+)", "The run could not be stored: {said}. Mend that, then resume."),
    (r"ModuleNotFoundError: (?P<said>.+)", "A package is missing: {said}."),
    (r"^(?P<said>[A-Za-z_.]*(?:Error|Exception)\b.*)", "It raised {said}"),
)


def explain_ending(folder: RunFolder, status: RunStatus) -> Ending | None:
    """The ending of a run that failed, was killed or is lost; None for any other."""
    if status not in ("failed", "killed", "lost"):
        return None
    record = read_exit_record(folder.exit_file)
    log = _log_end(folder)
    if status == "lost" or record is None:
        return Ending(f"{_cause_of_loss(folder)} Resume goes on from the last whole checkpoint.", None, None, log)
    if record.signal is not None:
        return Ending(_cause_of_signal(record), None, record.signal, log)
    return Ending(_cause_in_log(log) or f"It ended with code {record.code}.", record.code, None, log)


def _cause_of_loss(folder: RunFolder) -> str:
    record = read_process_record(folder.process_file)
    if record and record.supervisor.boot_id != boot_id():
        return "The machine has restarted (or this is another one) since it ran."
    return "The trainer and its supervisor are both gone and left no record: something killed both."


def _cause_of_signal(record: ExitRecord) -> str:
    number = record.signal or 0
    if record.forced:
        return "It did not stop when told to, so it was ended by force. Resume goes on from the last checkpoint."
    if record.out_of_memory:
        return (
            "The system killed it because memory ran out: lower per_device_train_batch_size, num_generations or "
            "max_completion_length, then resume."
        )
    if number == signal.SIGKILL:
        return (
            "Something killed it (SIGKILL): a person, another program, a guard such as Slurm's; the system counted no "
            "kill for want of memory. Resume goes on from the last whole checkpoint."
        )
    name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
    if number in (signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGABRT):
        return f"It crashed in compiled code ({name}): look at the log, and at the versions in `grpo-dash doctor`."
    return f"It was ended from outside ({name}). Resume goes on from the last whole checkpoint."


def _cause_in_log(lines: tuple[str, ...]) -> str | None:
    """The first of the known causes that the log's end tells, newest line first."""
    for pattern, cause in _LOG_CAUSES:
        for line in reversed(lines):
            if match := re.search(pattern, line[:2000]):
                return cause.format(**match.groupdict())
    return None


def _log_end(folder: RunFolder) -> tuple[str, ...]:
    try:
        with folder.log.open("rb") as file:
            file.seek(max(0, folder.log.stat().st_size - _LOG_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ()
    return tuple(line for line in text.replace("\r", "\n").splitlines() if line.strip())[-LOG_LINES:]
