"""Runs that other programs logged, as groups: TRL's `completions_*.parquet` and verl's rollout JSON Lines.

Both hold a row a completion, in the order of sampling: rows of one step and prompt that follow each other are a group.
TRL (`log_completions`): step (text in older versions), prompt, completion, a column a reward function, extra columns,
advantage. verl (`trainer.rollout_data_dir`, a file a step): input, output, gts, score, step, and more scores.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from grpo_core.errors import ProblemsError
from grpo_core.types import Completion, Group, Problem

Row = Mapping[str, Any]
_TRL_FIRST = ("step", "prompt", "completion")
_GOLD_COLUMNS = ("gold", "answer", "solution", "ground_truth", "target")
_MOST_STEPS = 10**12
_VERL_OWN = ("input", "output", "gts", "score", "step")


def read_foreign(path: Path) -> Iterator[Row]:
    """The rows of one file as dicts; raises ProblemsError if it cannot be read."""
    try:
        if path.suffix == ".parquet":
            yield from _parquet_rows(path)
        else:
            yield from _json_rows(path)
    except (OSError, UnicodeDecodeError) as error:
        raise ProblemsError(f"{path} cannot be read: {error}.") from error


def foreign_groups(rows: Iterable[Row], first: int = 1, fallback_step: int = 0) -> Iterator[Group]:
    """The groups of TRL's or verl's rows, with ids from `first` on; raises ProblemsError for rows of neither."""
    placed = ((_placed(row, fallback_step), row) for row in rows)
    for number, ((step, prompt), together) in enumerate(groupby(placed, key=lambda pair: pair[0]), start=first):
        members = [row for _, row in together]
        completions = tuple(_completion(index, row) for index, row in enumerate(members))
        yield Group(number, step, "train", _problem(prompt, _gold(members[0])), completions)


def step_in_name(path: Path) -> int:
    """The step that a file's name ends with (`completions_00012.parquet`, `12.jsonl`); 0 if it names none."""
    found = re.search(r"(\d+)$", path.stem)
    return int(found[1]) if found else 0


def _placed(row: Row, fallback_step: int) -> tuple[int, str]:
    """The step and prompt of a row."""
    prompt = row.get("prompt", row.get("input"))
    if prompt is None or ("completion" not in row and "output" not in row):
        raise ProblemsError(
            "This is neither TRL's log of completions (step, prompt, completion, …) nor verl's (input, output, …)."
        )
    step = row.get("step")
    if isinstance(step, str) and step.isascii() and step.isdecimal():
        step = int(step[: len(str(_MOST_STEPS)) + 1])
    if step is not None and (not isinstance(step, int | float) or not 0 <= step <= _MOST_STEPS):
        raise ProblemsError(f"A step is a whole number from 0 to {_MOST_STEPS}, not {step!r}.")
    return (fallback_step if step is None else int(step)), _text(prompt)


def _completion(index: int, row: Row) -> Completion:
    return _from_trl(index, row) if "completion" in row else _from_verl(index, row)


def _from_trl(index: int, row: Row) -> Completion:
    rewards = {
        name: _number(value)
        for name, value in row.items()
        if name not in (*_TRL_FIRST, "advantage") and (value is None or isinstance(value, float))
    }
    known = [reward for reward in rewards.values() if reward is not None]
    return Completion(
        index=index,
        text=_text(row["completion"]),
        token_count=None,
        finish_reason=None,
        rewards=rewards,
        reward=math.fsum(known) if known else None,
        advantage=_number(row.get("advantage")),
    )


def _from_verl(index: int, row: Row) -> Completion:
    rewards = {
        name: _number(value) for name, value in row.items() if name not in _VERL_OWN and isinstance(value, int | float)
    }
    score = _number(row.get("score"))
    return Completion(index, _text(row["output"]), None, None, None, {"score": score, **rewards}, score)


def _gold(row: Row) -> str:
    gold = row.get("gts")
    if gold is None:
        gold = next((row[name] for name in _GOLD_COLUMNS if isinstance(row.get(name), str | int)), None)
    if isinstance(gold, list) and len(gold) == 1:
        gold = gold[0]
    return "" if gold is None else str(gold)


def _problem(prompt: str, gold: str) -> Problem:
    digest = hashlib.blake2b(prompt.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    return Problem(digest, prompt, gold, source="imported")


def _text(value: Any) -> str:
    """A string, or the last message of a conversation."""
    if isinstance(value, list) and value and isinstance(value[-1], dict):
        return str(value[-1].get("content", ""))
    return value if isinstance(value, str) else json.dumps(value)


def _number(value: Any) -> float | None:
    """A finite number; None for what a reward function left out."""
    known = isinstance(value, int | float) and math.isfinite(value)
    return float(value) if known else None


def _json_rows(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise ProblemsError(f"{path}, line {number} is not JSON.") from error
            if not isinstance(row, dict):
                raise ProblemsError(f"{path}, line {number} is not a JSON object.")
            yield row


def _parquet_rows(path: Path) -> Iterator[Row]:
    from pyarrow import ArrowException, parquet  # type: ignore[import-untyped]

    try:
        for batch in parquet.ParquetFile(path).iter_batches():
            yield from batch.to_pylist()
    except ArrowException as error:
        raise ProblemsError(f"{path} cannot be read: {error}.") from error
