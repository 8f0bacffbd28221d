"""One line of a `.jsonl` file as a problem: our own rows, GSM8K's, or MATH's. Pure; the file is `jsonl`'s.

{"prompt": …, "gold": …, "steps": […]?, "id": …?, "level": …?}
{"question": …, "answer": "She has <<48/2=24>>24 left.\\n#### 24"}      (Cobbe et al. 2021; or the answer alone)
{"problem": …, "solution": "… \\boxed{24}", "answer": …?, "level": "Level 3"?}       (Hendrycks et al. 2021)
"""

from __future__ import annotations

import json
import re
from typing import Any

from grpo_core.problems.derived_steps import equations_of, last_box
from grpo_core.problems.options import Columns
from grpo_core.problems.split import problem_id
from grpo_core.types import Problem

Row = dict[str, Any]

_ANNOTATION = re.compile(r"<<([^<>=]{1,200})=([^<>]{1,60})>>")
_REFERABLE = re.compile(r"[A-Za-z0-9._:-]{1,80}")
_GROUPED_DIGITS = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)


class RowError(ValueError):
    """What is wrong with a row, as the rest of the sentence `line 7 …`."""


def parse_row(line: bytes, source: str, columns: Columns | None = None) -> Problem:
    """The problem in a line; raises RowError. Numbers are taken as the text that the file has for them."""
    return row_problem(_decode(line), source, columns)


def row_problem(row: Row, source: str, columns: Columns | None = None) -> Problem:
    """The problem in a row whose columns may have names of their own; raises RowError."""
    if columns is not None:
        row = {key: _as_text(value) for key, value in _renamed(row, columns).items()}
    if {"prompt", "gold"} <= row.keys():
        return _our_problem(row, source)
    if {"question", "answer"} <= row.keys():
        return _gsm8k_problem(row, source)
    if {"problem", "solution"} <= row.keys():
        return _math_problem(row, source)
    raise RowError(
        'has neither "prompt" and "gold" nor "question" and "answer" nor "problem" and "solution". '
        "Name other columns behind the file's path: FILE:prompt=COLUMN,gold=COLUMN."
    )


def _renamed(row: Row, columns: Columns) -> Row:
    try:
        return columns.renamed(row)
    except KeyError as error:
        there = ", ".join(str(name) for name in list(row)[:12]) or "none"
        raise RowError(f"has no column {error.args[0]!r} (columns: {there}).") from error


def _as_text(value: Any) -> Any:
    """Numbers of a typed file (parquet) as text."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _math_problem(row: Row, source: str) -> Problem:
    """MATH's rows (Hendrycks et al. 2021), and MATH-500's, which have the answer beside the solution."""
    prompt, solution = _text(row, "problem"), _text(row, "solution")
    gold = _text(row, "answer") if row.get("answer") else (last_box(solution) or "").strip()
    if not gold:
        raise RowError('has no "answer", and no \\boxed{…} in its "solution".')
    level = str(row.get("level") or "").removeprefix("Level ").strip()
    subject = str(row.get("type") or row.get("subject") or "").strip()
    return Problem(
        id=problem_id(source, prompt),
        prompt=prompt,
        gold=gold,
        steps=equations_of(solution),
        source=source,
        level=level or None,
        subject=subject or None,
    )


def _decode(line: bytes) -> Row:
    try:
        row = json.loads(line.decode("utf-8"), parse_int=str, parse_float=str, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise RowError("is not UTF-8 text.") from error
    except (ValueError, RecursionError) as error:
        raise RowError("is not JSON.") from error
    if not isinstance(row, dict):
        raise RowError('is not a JSON object such as {"prompt": …, "gold": …}.')
    return row


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _our_problem(row: Row, source: str) -> Problem:
    prompt, gold = _text(row, "prompt"), _text(row, "gold")
    return Problem(
        id=_id(row) if row.get("id") is not None else problem_id(source, prompt),
        prompt=prompt,
        gold=gold,
        steps=_steps(row.get("steps")),
        source=source,
        level=_text(row, "level") if row.get("level") is not None else None,
        subject=_text(row, "subject") if row.get("subject") is not None else None,
    )


def _gsm8k_problem(row: Row, source: str) -> Problem:
    prompt, answer = _text(row, "question"), _text(row, "answer")
    derivation, _, gold = answer.rpartition("####")
    if not gold.strip():
        raise RowError('has nothing behind the "####" of its "answer".')
    return Problem(
        id=problem_id(source, prompt),
        prompt=prompt,
        gold=_without_grouping(gold.strip()),
        steps=tuple(f"{left}={right}" for left, right in _ANNOTATION.findall(derivation)),
        source=source,
    )


def _id(row: Row) -> str:
    """The row's own id, which must fit into a reference such as `RUN/problem/ID`."""
    name = _text(row, "id")
    if not _REFERABLE.fullmatch(name):
        raise RowError('has an "id" that is not 1 to 80 letters, digits, ".", "_", ":" or "-".')
    return name


def _without_grouping(gold: str) -> str:
    """`70,000` as `70000`; anything else as it is."""
    return gold.replace(",", "") if _GROUPED_DIGITS.fullmatch(gold) else gold


def _steps(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise RowError('has "steps" that are not a list of texts.')
    return tuple(_text({"steps": step}, "steps") for step in value)


def _text(row: Row, key: str) -> str:
    value = row[key]
    if not isinstance(value, str) or not value.strip():
        raise RowError(f'has a "{key}" that is not text, or is empty.')
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise RowError(f'has a "{key}" with half of a surrogate pair, which is no character.')
    return value.strip()
