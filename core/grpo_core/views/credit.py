"""Partial credit as it adds up: the lines of a completion beside the reference steps, each with what it earned."""

from __future__ import annotations

from bisect import bisect_right

from grpo_core.types import Json

MOST_PLAIN_LINES = 3
"""Neighbouring lines without a step that are shown; of more than that only how many they are."""
NEARLY = 1e-9


def partial_credit(completion: Json, problem: Json) -> Json | None:
    """The rows in the order of the text, and their sum; None where nothing was credited (no verdict, no reference).

    A row is `{"kind", "line", "text", "reference", "status", "credit", "sum"}`. `kind`: `step` (a line that states
    something), `line` (one that does not; `gap` for several), `missed` (a reference step without a line), `answer`
    (what a right answer tops the steps up with). `reference` is `{"index", "text"}` or None; `sum` adds the credits
    from the top down to this row, so that the last one is `total`.
    """
    verdict = completion["verdict"]
    if verdict is None or not problem["steps"]:
        return None
    rows = _with_missed(_text_rows(completion["text"], verdict), problem["steps"])
    total = 0.0
    for row in rows:
        total += row["credit"] or 0.0
        row["sum"] = total
    return {
        "rows": rows,
        "total": sum(step["credit"] for step in verdict["steps"]),
        "steps": sum(step["credit"] for step in verdict["steps"] if not _is_answer(step, verdict)),
        "matched": sum(step["matched"] is not None for step in verdict["steps"]),
        "reference": len(problem["steps"]),
        "reward": completion["rewards"].get("partial"),
        "factor": _factor(completion, verdict),
    }


def _factor(completion: Json, verdict: Json) -> float | None:
    """What the reward function `partial` multiplied the sum by; None where it was not used or multiplied nothing."""
    reward, total = completion["rewards"].get("partial"), sum(step["credit"] for step in verdict["steps"])
    if reward is None or total < NEARLY or abs(reward - total) < NEARLY:
        return None
    return float(reward / total)


def _is_answer(step: Json, verdict: Json) -> bool:
    return step["matched"] is None and step["status"] == "matched" and step["span"] == verdict["span"]


def _text_rows(text: str, verdict: Json) -> list[Json]:
    """Every line of the text: a row for each step on it, else one that earned nothing; then the answer's row."""
    starts = [0, *(at + 1 for at, character in enumerate(text) if character == "\n")]
    lines = text.split("\n")
    steps = [step for step in verdict["steps"] if not _is_answer(step, verdict)]
    by_line: dict[int, list[Json]] = {}
    for step in steps:
        by_line.setdefault(bisect_right(starts, step["span"][0]) - 1, []).append(step)
    rows: list[Json] = []
    for number, line in enumerate(lines):
        if number in by_line:
            rows += [_step_row(step, number) for step in by_line[number]]
        elif line.strip():
            rows.append(_row("line", number + 1, line))
    answers = [step for step in verdict["steps"] if _is_answer(step, verdict)]
    return [*_folded(rows), *(_answer_row(step, starts) for step in answers)]


def _folded(rows: list[Json]) -> list[Json]:
    folded: list[Json] = []
    plain: list[Json] = []
    for row in [*rows, None]:
        if row is not None and row["kind"] == "line":
            plain.append(row)
            continue
        folded += plain if len(plain) <= MOST_PLAIN_LINES else [_gap(plain)]
        folded += [row] if row is not None else []
        plain = []
    return folded


def _gap(lines: list[Json]) -> Json:
    return _row("gap", lines[0]["line"], f"{len(lines)} lines without a step")


def _with_missed(rows: list[Json], steps: list[str]) -> list[Json]:
    """Each row with the reference step that it is; those that no line is stand before the next one that is."""
    found = {row["matched"] for row in rows if row["matched"] is not None}
    shown: list[Json] = []
    following = 0
    for row in rows:
        if row["kind"] == "answer":
            shown += [_missed(steps, index) for index in range(following, len(steps)) if index not in found]
            following = len(steps)
        elif row["matched"] is not None:
            shown += [_missed(steps, index) for index in range(following, row["matched"]) if index not in found]
            following = max(following, row["matched"] + 1)
        shown.append({**row, "reference": _reference(steps, row["matched"])})
    shown += [_missed(steps, index) for index in range(following, len(steps)) if index not in found]
    for row in shown:
        del row["matched"]
    return shown


def _reference(steps: list[str], index: int | None) -> Json | None:
    return None if index is None or index >= len(steps) else {"index": index, "text": steps[index]}


def _missed(steps: list[str], index: int) -> Json:
    return {**_row("missed", None, None), "reference": _reference(steps, index), "credit": 0.0}


def _step_row(step: Json, line: int) -> Json:
    known = {"matched": step["matched"], "status": step["status"], "credit": step["credit"]}
    return {**_row("step", line + 1, step["text"]), **known}


def _answer_row(step: Json, starts: list[int]) -> Json:
    line = bisect_right(starts, step["span"][0])
    return {**_row("answer", line, step["text"]), "status": "matched", "credit": step["credit"]}


def _row(kind: str, line: int | None, text: str | None) -> Json:
    return {
        "kind": kind,
        "line": line,
        "text": text,
        "reference": None,
        "matched": None,
        "status": None,
        "credit": None,
        "sum": 0.0,
    }
