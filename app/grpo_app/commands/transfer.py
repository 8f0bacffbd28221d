"""`grpo-dash import` and `export`: a run in from files and out to one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from grpo_app.commands.common import UsageError, say, tell
from grpo_core.oracle import JudgePool
from grpo_core.rewards import Scorer
from grpo_core.runs import find_run
from grpo_core.runs.transfer import export_lines, export_parquet, import_run
from grpo_core.store import MarksDb, export_marks
from grpo_core.types import Group


def import_files(runs_dir: Path, files: Sequence[Path], name: str | None, judged: bool) -> int:
    """Prints the new run's id. Completions that have a gold answer and no verdict are judged."""
    if not judged:
        say(import_run(runs_dir, files, name).id)
        return 0
    with JudgePool() as pool:
        scorer = Scorer(pool)
        say(import_run(runs_dir, files, name, lambda groups: judge_groups(scorer, groups)).id)
    return 0


def judge_groups(scorer: Scorer, groups: Sequence[Group]) -> list[Group]:
    """The groups with verdicts where there is a gold answer."""
    pairs = [(group.problem, each.text) for group in groups if group.problem.gold for each in group.completions]
    verdicts = iter(scorer.verdicts([problem for problem, _ in pairs], [text for _, text in pairs]))
    return [
        replace(group, completions=tuple(replace(each, verdict=next(verdicts)) for each in group.completions))
        if group.problem.gold
        else group
        for group in groups
    ]


def export(runs_dir: Path, run: str, out: Path, marks: bool) -> int:
    """By the file's ending; raises UsageError for another than .jsonl and .parquet."""
    folder = find_run(runs_dir, run)
    try:
        if marks:
            reader = folder.reader()
            with MarksDb(folder.path) as database:
                written = _write_lines(out, list(export_marks(folder.id, reader, database)))
            reader.close()
            tell(f"{written} marked completions in {out}")
        elif out.suffix == ".jsonl":
            tell(f"{_write_lines(out, export_lines(folder))} lines in {out}")
        elif out.suffix == ".parquet":
            tell(f"{export_parquet(folder, out)} completions in {out}")
        else:
            raise UsageError(f"{out}: name a file that ends with .jsonl or .parquet.")
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}.") from error
    return 0


def _write_lines(out: Path, lines: Iterable[str]) -> int:
    written = 0
    with out.open("w", encoding="utf-8") as file:
        for written, line in enumerate(lines, start=1):  # noqa: B007 - the last number is the answer
            file.write(line + "\n")
    return written
