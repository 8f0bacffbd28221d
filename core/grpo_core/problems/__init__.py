"""Where problems come from. Pure Python: the engine, the screens and the tests can all load a set."""

from __future__ import annotations

from pathlib import Path

from grpo_core.errors import ProblemsError
from grpo_core.problems.base import ProblemSet
from grpo_core.problems.families import FAMILIES, Family
from grpo_core.problems.generated import GeneratedProblems
from grpo_core.problems.jsonl import JsonlProblems

__all__ = ["GeneratedProblems", "JsonlProblems", "ProblemSet", "load_problem_set"]


def load_problem_set(spec: str) -> ProblemSet:
    """The problem set that `spec` names: `generated`, `generated:chain,linear`, or a `.jsonl` file's path."""
    kind, _, families = spec.partition(":")
    if kind == "generated":
        return GeneratedProblems(_parse_families(families) if families else FAMILIES)
    if spec.endswith(".jsonl"):
        return JsonlProblems(Path(spec).expanduser())
    raise ProblemsError(f"Unknown problems {spec!r}: name `generated`, `generated:chain,linear` or a .jsonl file.")


def _parse_families(text: str) -> tuple[Family, ...]:
    """Families in their own order, each once, however they are listed."""
    wanted = {name.strip() for name in text.split(",")}
    unknown = sorted(wanted - set(FAMILIES))
    if unknown:
        raise ProblemsError(f"Unknown family {unknown[0]!r}: choose from {', '.join(FAMILIES)}.")
    return tuple(family for family in FAMILIES if family in wanted)
