"""Problems from a `.jsonl` file of any size.

Every row is checked once; in memory stay only the rows' positions. A question's text alone decides which part
it is in, so two rows with the same question never straddle them. What a row may look like is in `rows`.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from random import Random
from typing import BinaryIO, TypeVar

from grpo_core.errors import ProblemsError
from grpo_core.problems.listed import endless, overlap_sentence, refuse_empty
from grpo_core.problems.options import Columns
from grpo_core.problems.rows import RowError, parse_row
from grpo_core.problems.split import fingerprint, is_heldout, normal_text
from grpo_core.types import Problem

LONGEST_LINE = 1 << 20
"""Bytes; a longer line is no problem that a model could read."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
Result = TypeVar("Result")


class JsonlProblems:
    """The problems of a file. Raises ProblemsError, with the line's number, if a row cannot be used."""

    def __init__(self, path: Path, columns: Columns | None = None) -> None:
        self.path = path
        self.columns = columns
        self.splits = f"One question in ten of {path.name} is held out, chosen by its text."
        self.name = path.stem
        self._index = _open_and(path, lambda file: _index_rows(file, path, columns))
        self.overlap = overlap_sentence(self._index.left_out, path.name)
        refuse_empty(path.name, len(self._index.train) + len(self._index.heldout))

    def train_problems(self, count: int, seed: int) -> list[Problem]:
        return self._read(islice(endless(array("Q", self._index.train), Random(f"train/{seed}")), count))

    def heldout_problems(self, count: int, seed: int = 0) -> list[Problem]:
        positions = array("Q", self._index.heldout)
        Random(f"heldout/{seed}").shuffle(positions)
        return self._read(iter(positions[:count]))

    def _read(self, positions: Iterator[int]) -> list[Problem]:
        return _open_and(self.path, lambda file: [_row_at(file, p, self.path, self.columns) for p in positions])


@dataclass(frozen=True, slots=True)
class _Index:
    """Byte positions of the rows of each part; of a held-out question's rows, the first only. `left_out` rows would
    be trained on, did they not ask what a held-out one asks."""

    train: array[int] = field(default_factory=lambda: array("Q"))
    heldout: array[int] = field(default_factory=lambda: array("Q"))
    left_out: int = 0


def _open_and(path: Path, use: Callable[[BinaryIO], Result]) -> Result:
    if not path.is_file():
        raise ProblemsError(f"There is no file {path}.")
    try:
        with path.open("rb") as file:
            return use(file)
    except OSError as error:
        raise ProblemsError(f"Cannot read {path}: {error.strerror}.") from error


def _index_rows(file: BinaryIO, path: Path, columns: Columns | None) -> _Index:
    index, known_heldout = _Index(), set[str]()
    train, asked, held = array("Q"), array("q"), set[int]()
    for number, position, line in _lines(file, path):
        problem = _parse(line, path, f"line {number}", columns)
        text = hash(normal_text(problem.prompt))
        if not is_heldout(problem.prompt):
            train.append(position)
            asked.append(text)
        elif (question := fingerprint(problem.prompt)) not in known_heldout:
            known_heldout.add(question)
            index.heldout.append(position)
            held.add(text)
    index.train.extend(position for position, text in zip(train, asked, strict=True) if text not in held)
    return replace(index, left_out=len(train) - len(index.train))


def _lines(file: BinaryIO, path: Path) -> Iterator[tuple[int, int, bytes]]:
    """Number (from 1), byte position and content of each line that is not blank."""
    number, position = 0, file.seek(len(_BYTE_ORDER_MARK) if file.read(3) == _BYTE_ORDER_MARK else 0)
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise ProblemsError(f"{path}, line {number} is longer than {LONGEST_LINE:,} bytes.")
        if line.strip():
            yield number, position, line
        position += len(line)


def _row_at(file: BinaryIO, position: int, path: Path, columns: Columns | None) -> Problem:
    file.seek(position)
    return _parse(file.readline(LONGEST_LINE), path, f"at byte {position} (changed since the run began?)", columns)


def _parse(line: bytes, path: Path, where: str, columns: Columns | None) -> Problem:
    try:
        return parse_row(line, path.stem, columns)
    except RowError as error:
        raise ProblemsError(f"{path}, {where} {error}") from error
