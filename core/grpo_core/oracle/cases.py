"""`grpo-dash verify`: a file of cases in, a file of verdicts out, and the explanation of one case."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from grpo_core.errors import GrpoDashError
from grpo_core.oracle.explanation import Explanation, explain
from grpo_core.oracle.pool import JudgePool
from grpo_core.oracle.tasks import GoldFormat, JudgeTask
from grpo_core.text import clean, clean_line
from grpo_core.types import Verdict

BATCH = 256
_CONTEXT = 40

Progress = Callable[[int, int], None]
"""Called with (cases done, cases in all)."""


class CasesError(GrpoDashError):
    """A case file that is missing or has a line that is no case."""


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the input file."""

    id: str
    task: JudgeTask


def verify_cases(in_path: Path, out_path: Path, workers: int, on_progress: Progress | None = None) -> int:
    """Judge all cases of `in_path` and write one verdict a line to `out_path`, in the same order. Returns the count.

    Raises `CasesError` if the input cannot be read or the output cannot be written.
    """
    cases = read_cases(in_path)
    try:
        with out_path.open("w", encoding="utf-8") as out, JudgePool(workers=workers) as pool:
            for start in range(0, len(cases), BATCH):
                batch = cases[start : start + BATCH]
                verdicts = pool.judge_many([case.task for case in batch])
                out.writelines(_line(case, verdict) for case, verdict in zip(batch, verdicts, strict=True))
                if on_progress is not None:
                    on_progress(start + len(batch), len(cases))
    except OSError as error:
        raise CasesError(f"Cannot write the verdicts to {out_path}: {error.strerror}.") from error
    return len(cases)


def read_cases(path: Path) -> list[Case]:
    """All cases of a JSON-lines file; blank lines are skipped. Raises `CasesError` naming the line."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CasesError(f"Cannot read the cases from {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CasesError(f"The cases in {path} are not UTF-8 text (byte {error.start}).") from error
    lines = enumerate(text.split("\n"), start=1)
    return [_read_case(line, number, path) for number, line in lines if line.strip()]


def _read_case(line: str, number: int, path: Path) -> Case:
    try:
        data = json.loads(line)
    except ValueError as error:
        raise CasesError(f"Line {number} of {path} is not JSON: {error}.") from error
    if not isinstance(data, dict):
        raise CasesError(f"Line {number} of {path} is not a JSON object with id, gold and completion.")
    for key in ("id", "gold", "completion"):
        if not isinstance(data.get(key), str | int):
            raise CasesError(f"Line {number} of {path} has no text under {key!r}.")
    return Case(str(data["id"]), _task(data, number, path))


def _task(data: dict[str, Any], number: int, path: Path) -> JudgeTask:
    meta = data.get("meta")
    meant = meta.get("gold_format") if isinstance(meta, dict) else None
    gold_format: Any = data.get("gold_format") or meant or "auto"
    if gold_format not in get_args(GoldFormat):
        raise CasesError(f"Line {number} of {path} has gold_format {gold_format!r}; use auto, raw or text.")
    steps = data.get("steps") or ()
    if not isinstance(steps, list | tuple) or not all(isinstance(step, str) for step in steps):
        raise CasesError(f"Line {number} of {path} has steps that are not a list of texts.")
    return JudgeTask(str(data["completion"]), str(data["gold"]), tuple(steps), gold_format)


def _line(case: Case, verdict: Verdict) -> str:
    fields = ("outcome", "extracted", "check", "reason", "seconds")
    # ASCII escapes keep a lone surrogate of the input writable.
    return json.dumps({"id": case.id, **{name: getattr(verdict, name) for name in fields}}) + "\n"


def explain_case(in_path: Path, case_id: str) -> str:
    """How one case was judged, for a person: span, rule, both parses, the deciding check, the reason, the steps."""
    case = next((case for case in read_cases(in_path) if case.id == case_id), None)
    if case is None:
        raise CasesError(f"No case in {in_path} has the id {case_id!r}.")
    task = case.task
    return told(case_id, task, explain(task.completion, task.gold, task.steps, task.gold_format))


def told(case_id: str, task: JudgeTask, explanation: Explanation) -> str:
    """The explanation of a verdict, cleaned for a terminal."""
    verdict = explanation.verdict
    rows = [
        ("case", case_id),
        ("outcome", verdict.outcome),
        ("because", verdict.message),
        ("in short", explanation.sentence),
        ("found by", verdict.rule),
        ("at", _place(task.completion, verdict)),
        ("answer", verdict.extracted),
        ("  read as", verdict.answer_parsed),
        ("gold", task.gold),
        ("  read as", verdict.gold_parsed),
        ("decided by", verdict.check),
        ("reason", verdict.reason),
        ("seconds", f"{verdict.seconds:.6f}"),
    ]
    lines = [f"{name:<11}{'—' if value is None else clean_line(value)}" for name, value in rows]
    lines += [f"{'step':<11}{clean_line(step.text)}  {step.status} {step.credit:.3f}" for step in verdict.steps]
    for name, form in (("answer", explanation.answer), ("gold", explanation.gold)):
        if form is not None:
            lines += ["", f"{name} as LaTeX: {form.latex}", *(f"    {line}" for line in form.pretty.split("\n"))]
    return clean("\n".join(lines))


def _place(completion: str, verdict: Verdict) -> str | None:
    """The span with a little text around it, the answer marked."""
    if verdict.span is None:
        return None
    start, end = verdict.span
    before, after = completion[max(0, start - _CONTEXT) : start], completion[end : end + _CONTEXT]
    return f"{start}–{end}: {before}⟦{completion[start:end]}⟧{after}"
