"""All runs, for who looks again and again: for each its summary, the curve of what it solves, its best evaluation,
what it took and what deserves a look in it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grpo_core.errors import GrpoDashError
from grpo_core.runs import RunFolder, RunSummary, list_run_folders, summarise
from grpo_core.runs.status import ENDED
from grpo_core.store import RunReader
from grpo_core.store.connection import as_store_error
from grpo_core.types import Evaluation, Json
from grpo_core.views.alert_titles import AlertTitles
from grpo_core.views.follow import elapsed_seconds

SPARK_POINTS = 32
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Stored:
    """What of a run's row is read from its database."""

    facts: dict[str, Any]
    counters: dict[str, int]
    spark_of: str | None = None
    spark: tuple[float, ...] = ()
    best: Json | None = None
    reward: float | None = None
    tokens: float | None = None


class Overview:
    """Rows for all runs of a folder; a run's database is read again only after somebody wrote to it."""

    def __init__(self, runs_dir: Path) -> None:
        self._runs_dir = runs_dir
        self._known: dict[str, tuple[tuple[int, ...], Stored]] = {}
        self._alerts = AlertTitles()

    def rows(self) -> list[Json]:
        """Newest run first. A run that cannot be read has its summary alone, whose notice says why."""
        self._alerts.begin()
        return [
            {**_row(*self._look(folder)), "alerts": self._alerts.of(folder, _stamp(folder))}
            for folder in list_run_folders(self._runs_dir)
        ]

    def summaries(self) -> list[RunSummary]:
        """The same runs, without what a table has of them besides."""
        return [self._look(folder)[0] for folder in list_run_folders(self._runs_dir)]

    def _look(self, folder: RunFolder) -> tuple[RunSummary, Stored]:
        try:
            stored = self._stored(folder)
        except Exception as error:  # noqa: BLE001 - a damaged file gives what it likes: its run says so, the others stay
            run = summarise(folder)
            said = str(error) if isinstance(error, GrpoDashError) else f"{folder.database} is damaged: {error!r}"
            return replace(run, notice=run.notice or said), Stored({}, {})
        return summarise(folder, stored.facts, stored.counters), stored

    def _stored(self, folder: RunFolder) -> Stored:
        stamp = _stamp(folder)
        known = self._known.get(folder.id)
        if known is None or known[0] != stamp:
            with closing(folder.reader()) as reader, as_store_error(folder.database):
                self._known[folder.id] = stamp, _read(reader)
        return self._known[folder.id][1]


def _read(reader: RunReader) -> Stored:
    evals, reward, tokens = reader.evaluations_since(), _curve(reader, "reward"), _curve(reader, "num_tokens")
    solved = [(evaluation.step, evaluation.pass_at_1) for evaluation in evals]
    spark_of, points = ("pass@1", solved) if len(solved) > 1 else ("reward", reward)
    return Stored(
        reader.facts(),
        reader.counters(),
        spark_of if points else None,
        spark(points),
        _best(evals),
        reward[-1][1] if reward else None,
        tokens[-1][1] if tokens else None,
    )


def _curve(reader: RunReader, key: str) -> list[tuple[int, float]]:
    return [(point.last, point.mean) for point in reader.curve(key, points=SPARK_POINTS)]


def spark(points: Points) -> tuple[float, ...]:
    """A curve in at most `SPARK_POINTS` values, each the mean of a stretch."""
    values = [value for _, value in points]
    size = max(1, -(-len(values) // SPARK_POINTS))
    stretches = [values[at : at + size] for at in range(0, len(values), size)]
    return tuple(round(sum(stretch) / len(stretch), 4) for stretch in stretches)


def _best(evals: Sequence[Evaluation]) -> Json | None:
    """The evaluation with the greatest pass@1; of equal ones the first."""
    best = max(evals, key=lambda evaluation: evaluation.pass_at_1, default=None)
    if best is None:
        return None
    return {"pass@1": best.pass_at_1, "ci95": list(best.ci95), "step": best.step, "n": best.n}


def _row(run: RunSummary, stored: Stored) -> Json:
    return {
        **run.to_json(),
        "elapsed_seconds": elapsed_seconds(stored.facts, run.status in ENDED),
        "spark_of": stored.spark_of,
        "spark": list(stored.spark),
        "best": stored.best,
        "reward": stored.reward,
        "tokens": stored.tokens,
    }


def _stamp(folder: RunFolder) -> tuple[int, ...]:
    """Changes with every commit: SQLite appends it to the log beside the database. An empty log is a reader's."""
    found: list[int] = []
    for path in (folder.database, folder.database.with_name(f"{folder.database.name}-wal")):
        try:
            status = path.stat()
        except OSError:
            continue
        found += [status.st_mtime_ns, status.st_size] if status.st_size else []
    return tuple(found)
