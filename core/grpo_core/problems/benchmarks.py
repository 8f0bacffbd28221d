"""The published sets `gsm8k` (Cobbe et al. 2021) and `math` (Hendrycks et al. 2021), from local files or the hub.

Which part is trained on is said in `splits`: GSM8K's own train and test; of MATH its train, or where only the test
file is at hand that file without MATH-500, and MATH-500 held out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from grpo_core.errors import ProblemsError
from grpo_core.problems.listed import ListedProblems, split_by_question
from grpo_core.problems.options import Columns, read_levels
from grpo_core.problems.rows import RowError, row_problem
from grpo_core.problems.sources import Row, download, folder_of, read_rows
from grpo_core.types import Problem

SUBJECTS = (
    "algebra",
    "counting_and_probability",
    "geometry",
    "intermediate_algebra",
    "number_theory",
    "prealgebra",
    "precalculus",
)
LEVELS = frozenset(range(1, 6))
_GSM8K_HUB, _MATH_HUB, _MATH500_HUB = "openai/gsm8k", "EleutherAI/hendrycks_math", "HuggingFaceH4/MATH-500"


def gsm8k(path: str | None = None) -> ListedProblems:
    """Trains on GSM8K's train split (7,473) and holds out its test split (1,319)."""
    folder = folder_of("gsm8k", path)
    train, test = (_gsm8k_file(folder, split) for split in ("train", "test"))
    splits = "Trains on GSM8K's train split; its test split is held out."
    return ListedProblems("gsm8k", _problems(train, "gsm8k"), _problems(test, "gsm8k"), splits)


def _gsm8k_file(folder: Path | None, split: str) -> Path:
    if folder is None:
        return download(_GSM8K_HUB, f"main/{split}-00000-of-00001.parquet")
    return _file(folder, split)


def math(path: str | None = None, level: str | None = None, subject: str | None = None) -> ListedProblems:
    """`level`: `3` or `1-3`; `subject`: one of SUBJECTS, several with `+`."""
    wanted = _filter(level, subject)
    folder = folder_of("math", path)
    if folder is None:
        train, heldout, splits = _math_from_hub()
    else:
        train, heldout, splits = _math_from_folder(folder)
    kept = (row for row in train if wanted(row))
    held = (row for row in heldout if wanted(row))
    return ListedProblems("math", _from_rows(kept, "math", "MATH"), _from_rows(held, "math", "MATH"), splits)


def parquet_problems(path: Path, columns: Columns | None = None) -> ListedProblems:
    """A user's own file; one question in ten is held out, as of a `.jsonl` file."""
    return split_by_question(path.name, _from_rows(read_rows(path), path.stem, str(path), columns or Columns()))


def _math_from_folder(folder: Path) -> tuple[Iterable[Row], Iterable[Row], str]:
    heldout = list(read_rows(_file(folder, "math500")))
    if (train := _file_or_none(folder, "train")) is not None:
        return read_rows(train), heldout, "Trains on MATH's train split; MATH-500 is held out."
    test = read_rows(_file(folder, "test"))
    return test, heldout, "Trains on MATH's test split without MATH-500, which is held out (no train file is there)."


def _math_from_hub() -> tuple[Iterable[Row], Iterable[Row], str]:
    files = [download(_MATH_HUB, f"{subject}/train-00000-of-00001.parquet") for subject in SUBJECTS]
    heldout = read_rows(download(_MATH500_HUB, "test.jsonl"))
    train = (row for file in files for row in read_rows(file))
    return train, heldout, "Trains on MATH's train split; MATH-500 is held out."


def _filter(level: str | None, subject: str | None) -> Callable[[Row], bool]:
    levels = read_levels(level) if level else None
    subjects = frozenset(subject.lower().split("+")) if subject else None
    unknown = sorted((subjects or frozenset()) - set(SUBJECTS))
    if unknown:
        raise ProblemsError(f"MATH has no subject {unknown[0]!r}: choose from {', '.join(SUBJECTS)}.")
    if levels is not None and not levels <= LEVELS:
        raise ProblemsError(f"MATH has no level {min(levels - LEVELS)}: its levels are 1 to 5.")

    def wanted(row: Row) -> bool:
        digits = "".join(filter(str.isdigit, str(row.get("level", ""))))
        own = str(row.get("type") or row.get("subject") or "").lower().replace(" & ", " and ").replace(" ", "_")
        return (levels is None or (digits != "" and int(digits) in levels)) and (subjects is None or own in subjects)

    return wanted


def _file(folder: Path, stem: str) -> Path:
    found = _file_or_none(folder, stem)
    if found is None:
        raise ProblemsError(f"{folder} has no {stem}.jsonl or {stem}.parquet.")
    return found


def _file_or_none(folder: Path, stem: str) -> Path | None:
    paths = (folder / f"{stem}{suffix}" for suffix in (".jsonl", ".parquet"))
    return next((path for path in paths if path.is_file()), None)


def _problems(path: Path, source: str) -> list[Problem]:
    return _from_rows(read_rows(path), source, str(path))


def _from_rows(rows: Iterable[Row], source: str, where: str, columns: Columns | None = None) -> list[Problem]:
    problems = []
    for number, row in enumerate(rows, start=1):
        try:
            problems.append(row_problem(row, source, columns))
        except RowError as error:
            raise ProblemsError(f"{where}, row {number} {error}") from error
    return problems
