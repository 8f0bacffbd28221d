"""What a data set's row and a trainer's completion say as plain text, in whatever of TRL's formats they come."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from grpo_core.problems.prompting import Prompting
from grpo_core.types import Problem

PROBLEM_COLUMN = "grpo_dash_problem"
GOLD_COLUMNS = ("gold", "answer", "solution", "ground_truth", "target")
"""Columns that hold a gold answer in the usual data sets, in the order in which they are looked for."""


def text_of(content: Any) -> str:
    """A plain string, the last message of a conversation, or the text parts of one message."""
    if isinstance(content, str):
        return content
    if isinstance(content, Mapping):
        return text_of(content.get("content", content.get("text", "")))
    if isinstance(content, list) and content:
        parts = [part for part in content if isinstance(part, Mapping) and "text" in part]
        return "".join(part["text"] for part in parts) if parts else text_of(content[-1])
    return ""


def problem_row(problem: Problem, prompting: Prompting, *, chat: bool) -> dict[str, Any]:
    """A row of the training data set: the conversation (or, without `chat`, the text) that TRL tokenizes, and the
    problem itself as JSON."""
    prompt = prompting.messages(problem) if chat else prompting.text(problem)
    return {"prompt": prompt, PROBLEM_COLUMN: json.dumps(problem.to_json())}


def problem_of(row: Mapping[str, Any], gold_column: str | None = None) -> Problem:
    """The problem of a row: our own column, or one made of somebody's prompt and gold column (gold "" if none)."""
    if PROBLEM_COLUMN in row:
        return read_problem(row[PROBLEM_COLUMN])
    prompt = text_of(row.get("prompt", ""))
    digest = hashlib.blake2b(prompt.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    column = gold_column or find_gold_column(row)
    gold = row.get(column) if column else None
    return Problem(digest, prompt, "" if gold is None else text_of(gold) or str(gold), source="dataset")


@lru_cache(maxsize=4096)
def read_problem(text: str) -> Problem:
    """The problem in a row's `PROBLEM_COLUMN`."""
    data = json.loads(text)
    return Problem(**{**data, "steps": tuple(data["steps"])})


def find_gold_column(row: Mapping[str, Any]) -> str | None:
    return next((column for column in GOLD_COLUMNS if row.get(column) is not None), None)
