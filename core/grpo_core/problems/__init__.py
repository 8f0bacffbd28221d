"""Where problems come from. Pure Python: the engine, the screens and the tests can all load a set."""

from __future__ import annotations

from pathlib import Path

from grpo_core.errors import ProblemsError
from grpo_core.problems.base import ProblemSet
from grpo_core.problems.benchmarks import gsm8k, math, parquet_problems
from grpo_core.problems.families import FAMILIES, Family
from grpo_core.problems.generated import GeneratedProblems
from grpo_core.problems.jsonl import JsonlProblems
from grpo_core.problems.options import COLUMN_NAMES, Columns, read_options
from grpo_core.problems.parts import split_part

__all__ = ["GeneratedProblems", "JsonlProblems", "ProblemSet", "file_of", "load_problem_set"]


def load_problem_set(spec: str) -> ProblemSet:
    """The problem set that `spec` names:

    `generated`, `generated:chain,linear` · `gsm8k`, `gsm8k:path=FOLDER` · `math`, `math:level=1-3,subject=algebra` ·
    the path of a `.jsonl` or `.parquet` file, with its own column names if need be: `my.parquet:prompt=q,gold=a`.

    Raises ProblemsError; also for one part of a set, such as `gsm8k:test`, which only an evaluation takes.
    """
    whole, part = split_part(spec)
    if part is not None:
        raise ProblemsError(f"{spec} names one part, which only an evaluation takes: write {whole}.")
    kind, _, rest = spec.partition(":")
    if kind == "generated":
        return GeneratedProblems(_parse_families(rest) if rest else FAMILIES)
    if kind == "gsm8k":
        return gsm8k(**read_options(rest, ("path",)))
    if kind == "math":
        return math(**read_options(rest, ("path", "level", "subject")))
    if (file := file_of(spec)) is not None:
        options = spec[len(file) + 1 :]
        return _load_file(Path(file).expanduser(), Columns(**read_options(options, COLUMN_NAMES)) if options else None)
    raise ProblemsError(
        f"Unknown problems {spec!r}: name `generated`, `generated:chain,linear`, `gsm8k`, `math`, or a .jsonl or "
        ".parquet file."
    )


def file_of(spec: str) -> str | None:
    """The path in the spec of a user's own file, without column names; None for any other spec."""
    for suffix in (".jsonl", ".parquet"):
        head, mark, _ = spec.rpartition(f"{suffix}:")
        if mark or spec.endswith(suffix):
            return head + suffix if mark else spec
    return None


def _load_file(path: Path, columns: Columns | None) -> ProblemSet:
    return JsonlProblems(path, columns) if path.suffix == ".jsonl" else parquet_problems(path, columns)


def _parse_families(text: str) -> tuple[Family, ...]:
    """Families in their own order, each once, however they are listed."""
    wanted = {name.strip() for name in text.split(",")}
    unknown = sorted(wanted - set(FAMILIES))
    if unknown:
        raise ProblemsError(f"Unknown family {unknown[0]!r}: choose from {', '.join(FAMILIES)}.")
    return tuple(family for family in FAMILIES if family in wanted)
