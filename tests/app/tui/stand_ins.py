"""Stand-ins where a model, a trainer or a death would be slow: a playground that answers at once, runs in any state."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from grpo_core.runs import RunFolder
from grpo_core.runs.explainer import Explainer
from grpo_core.runs.gpu import GpuConflict
from grpo_core.runs.playground import Playground
from grpo_core.runs.playground_events import Done, Event, Finished, Loading, Text, done_of
from grpo_core.runs.process import ExitRecord, ProcessRecord, identify, write_record
from grpo_core.runs.recorded import recorded
from grpo_core.store import ControlDb, Question, Seat, Subject
from grpo_core.types import Completion, Json
from tests.app.tui.helpers import RUN_ID, set_facts
from tests.samples import sample_verdict

STEP_8 = Subject(f"{RUN_ID} · step 8", "runs/sample-0001/checkpoints/checkpoint-8", RUN_ID, "sample", 8)
STEP_4 = Subject(f"{RUN_ID} · step 4", "runs/sample-0001/checkpoints/checkpoint-4", RUN_ID, "sample", 4)
EMBEDDED = Subject("embedded model", "embedded")


class StandInExplainer(Explainer):
    """Reads any answer as itself, at once."""

    def explain(self, verdict: Json, gold: str) -> Json:
        forms = [_form(text) for text in (verdict["extracted"], gold)]
        return {"verdict": verdict, "answer": forms[0], "gold": forms[1], "sentence": f"read beside {gold}"}


def _form(text: str | None) -> Json | None:
    if text is None:
        return None
    return {
        "latex": text,
        "mathml": [],
        "pretty": f"{text}\n(pretty)",
        "tree": ["add", ["n", text], ["neg", ["s", "pi"]]],
    }


class StandInPlayground(Playground):
    """Its history is the real one. `gate` holds the answers back after their first words."""

    def __init__(self, runs_dir: Path) -> None:
        super().__init__(runs_dir)
        self.asked: list[Question] = []
        self.warmed: list[Subject] = []
        self.asked_trainer: list[str] = []
        self.conflict: GpuConflict | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.cancelled = threading.Event()
        self.closed = False

    def subjects(self) -> list[Subject]:
        return [STEP_8, STEP_4, EMBEDDED]

    def default_question(self, subject: Subject) -> Question:
        return Question(subject, "", max_completion_length=48, k=3)

    def gpu_conflict(self, subject: Subject) -> GpuConflict | None:
        return self.conflict

    def warm(self, subject: Subject) -> Iterator[Event]:
        self.warmed.append(subject)
        return iter([Loading(f"Loading {subject.label}."), Done(0.1)])

    def ask(self, question: Question, *, asker: str = "", seat: Seat | None = None) -> Iterator[Event]:
        self.asked.append(question)
        return recorded(self.runs_dir, question, self._events(question), seat)

    def ask_trainer(self, run: str, question: Question, issuer: str = "playground", **_: object) -> Iterator[Event]:
        self.asked_trainer.append(run)
        return self._events(question)

    def cancel(self, asker: str | None = None) -> None:
        self.cancelled.set()
        self.gate.set()

    def close(self) -> None:
        self.closed = True
        self.gate.set()

    def _events(self, question: Question) -> Iterator[Event]:
        yield Loading(f"Loading {question.subject.label}.")
        whole = [_completion(index, question) for index in range(question.samples)]
        for completion in whole:
            yield Text(completion.index, completion.text[:9])
        self.gate.wait(20)
        if self.cancelled.is_set():
            yield Done(0.2, cancelled=True)
            return
        for completion in whole:
            yield Text(completion.index, completion.text[9:])
            yield Finished(completion.index, completion)
        yield replace(done_of(whole, 1.25))


def _completion(index: int, question: Question) -> Completion:
    right = index != 1
    text = f"{question.prompt[:40]}\n12+7=19\n\\boxed{{{52 if right else 28}}}"
    verdict = sample_verdict(right, text, "52" if right else "28") if question.gold.strip() else None
    return Completion(index, text, len(text), "stop", verdict, {}, verdict.reward if verdict else None)


def make_living(folder: RunFolder, pid: int, **facts: object) -> None:
    """The run as if the process were its supervisor and its trainer."""
    me = identify(pid)
    write_record(folder.process_file, ProcessRecord(me, me, 1))
    set_facts(folder, {"started_at": time.time(), "max_steps": 20, **facts})


def make_ended(folder: RunFolder, log: str, code: int | None = 1, signal: int | None = None) -> None:
    """The run as if its first attempt had ended so."""
    gone = replace(identify(1), pid=2**22 - 1)
    write_record(folder.process_file, ProcessRecord(gone, gone, 1))
    write_record(folder.exit_file, ExitRecord(1, code, signal, 0.0))
    folder.log.write_bytes(log.encode("utf-8", "surrogatepass"))
    set_facts(folder, {"max_steps": 20})


def sleeper() -> subprocess.Popen[bytes]:
    """A process that can be taken for a trainer."""
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])


def commands_of(runs_dir: Path) -> list[tuple[str, str, dict[str, object]]]:
    """What was asked of the run: kind, by whom, and how; oldest first."""
    control = ControlDb(runs_dir)
    asked = [(each.kind, each.issuer, each.arguments) for each in reversed(control.history(RUN_ID))]
    control.close()
    return asked
