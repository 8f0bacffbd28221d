"""A run out to one file and in from one: JSON Lines and Parquet, both without loss, and what other programs logged.

JSON Lines: a line of kind `run` (facts), then `group` lines oldest first, `metrics` a step, `evaluation`. Parquet:
TRL's columns (step, prompt, completion, a column a reward, advantage) and one more, `grpo_dash`, with the rest of group
and completion as JSON; metrics and evaluations stay behind.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from grpo_core.config import RunConfig
from grpo_core.errors import ProblemsError
from grpo_core.runs.folder import RunFolder, create_run
from grpo_core.runs.foreign import Row, foreign_groups, read_foreign, step_in_name
from grpo_core.store import GroupFilter, RunReader, RunWriter
from grpo_core.types import Completion, Evaluation, Group, Json, Problem

OWN_COLUMN = "grpo_dash"
_BATCH = 200
_KEPT_FACTS = ("name", "created_at", "backend", "model", "objective", "max_steps", "step", "trainer_class", "device")
Judge = Callable[[Sequence[Group]], Sequence[Group]]


def export_lines(folder: RunFolder) -> Iterator[str]:
    """The run as JSON Lines, without newlines."""
    reader = folder.reader()
    try:
        facts = reader.facts()
        yield _dump({"kind": "run", "facts": {key: facts[key] for key in _KEPT_FACTS if key in facts}})
        for group, created_at in stored_groups(reader):
            yield _dump({"kind": "group", "created_at": created_at, **group.to_json()})
        for step, values in _metrics_by_step(reader).items():
            yield _dump({"kind": "metrics", "step": step, "values": values})
        for evaluation in reader.evaluations_since():
            yield _dump({"kind": "evaluation", **evaluation.to_json()})
    finally:
        reader.close()


def export_parquet(folder: RunFolder, out: Path) -> int:
    """Write every completion as a row of TRL's log of completions; returns how many."""
    import pyarrow  # type: ignore[import-untyped]
    from pyarrow import parquet

    reader = folder.reader()
    names = sorted({name for group, _ in stored_groups(reader) for c in group.completions for name in c.rewards})
    text, number = pyarrow.string(), pyarrow.float64()
    columns = [("step", pyarrow.int64()), ("prompt", text), ("completion", text)]
    columns += [(name, number) for name in names] + [(OWN_COLUMN, text), ("advantage", number)]
    schema = pyarrow.schema(columns)
    written = 0
    try:
        with parquet.ParquetWriter(out, schema) as writer:
            groups = stored_groups(reader)
            while batch := list(islice(groups, _BATCH)):
                rows = [row for group, created_at in batch for row in _trl_rows(group, created_at, names)]
                writer.write_table(pyarrow.Table.from_pylist(rows, schema=schema))
                written += len(rows)
    finally:
        reader.close()
    return written


def import_run(runs_dir: Path, paths: Sequence[Path], name: str | None = None, judge: Judge | None = None) -> RunFolder:
    """A new, finished run of what the files hold, in their order; `judge` gives verdicts to groups that have none.

    Raises ProblemsError if a file is none of ours, TRL's or verl's; then no run is left behind.
    """
    paths = sorted(paths, key=lambda path: (step_in_name(path), path.name))
    folder = create_run(runs_dir, RunConfig(name=name or paths[0].stem))
    try:
        _fill(folder, paths, name, judge)
    except BaseException:
        folder.remove()
        raise
    return folder


def stored_groups(reader: RunReader) -> Iterator[tuple[Group, float]]:
    """Every group whole, oldest first, with when it was stored (epoch seconds)."""
    cursor: int | None = 0
    while cursor is not None:
        page = reader.find_groups(GroupFilter(), cursor=cursor, towards="newer", limit=_BATCH)
        for row in page.rows:
            if group := reader.group(row.id):
                yield group, row.created_at
        cursor = page.next


def _fill(folder: RunFolder, paths: Sequence[Path], name: str | None, judge: Judge | None) -> None:
    writer = folder.writer()
    try:
        facts: Json = {"backend": "imported", "objective": None, "model": None}
        for path in paths:
            facts |= _take(writer, path, judge)
        if name:
            facts["name"] = name
        writer.set_facts({**facts, "imported": [path.name for path in paths]})
    finally:
        writer.close()


def _take(writer: RunWriter, path: Path, judge: Judge | None) -> Json:
    """Store what one file holds; returns the facts that it knows."""
    rows = read_foreign(path)
    first = next(rows, None)
    if first is None:
        raise ProblemsError(f"{path} is empty.")
    rows = _chain(first, rows)
    if first.get("kind") == "run":
        return _take_own_lines(writer, rows, path)
    if OWN_COLUMN in first:
        _store(writer, _own_groups(rows), None)
        return {}
    last = {"step": 0}
    groups = foreign_groups(rows, writer.next_group_id(), step_in_name(path))
    _store(writer, ((_noted(group, last), None) for group in groups), judge)
    return {"step": last["step"], "max_steps": last["step"]}


def _noted(group: Group, last: dict[str, int]) -> Group:
    last["step"] = max(last["step"], group.step)
    return group


def _store(writer: RunWriter, groups: Iterator[tuple[Group, float | None]], judge: Judge | None) -> None:
    while batch := list(islice(groups, _BATCH)):
        found = [group for group, _ in batch]
        judged = judge(found) if judge else found
        with writer.batch():
            for group, (_, created_at) in zip(judged, batch, strict=True):
                writer.add_groups([group], created_at)


def _take_own_lines(writer: RunWriter, rows: Iterator[Row], path: Path) -> Json:
    facts: Json = {}
    try:
        while batch := list(islice(rows, _BATCH)):
            with writer.batch():
                for row in batch:
                    facts |= _take_own_line(writer, dict(row))
    except (KeyError, TypeError, ValueError) as error:
        raise ProblemsError(f"{path} is damaged: {error}.") from error
    return facts


def _take_own_line(writer: RunWriter, row: Json) -> Json:
    kind = row.pop("kind", None)
    if kind == "run":
        return dict(row["facts"])
    if kind == "group":
        writer.add_groups([_group(row)], row["created_at"])
    elif kind == "metrics":
        writer.add_metrics(row["step"], row["values"])
    elif kind == "evaluation":
        writer.add_evaluation(Evaluation.from_json(row))
    else:
        raise ValueError(f"a line of kind {kind}")
    return {}


def _own_groups(rows: Iterator[Row]) -> Iterator[tuple[Group, float | None]]:
    """Groups of our own Parquet: a row a completion, those of a group side by side."""
    open_group: Json | None = None
    for row in rows:
        data = json.loads(row[OWN_COLUMN])
        if open_group is not None and open_group["id"] != data["group"]["id"]:
            yield _group(open_group), open_group["created_at"]
            open_group = None
        open_group = open_group or {**data["group"], "completions": []}
        open_group["completions"].append(data["completion"])
    if open_group is not None:
        yield _group(open_group), open_group["created_at"]


def _trl_rows(group: Group, created_at: float, names: Sequence[str]) -> Iterator[Json]:
    about = {**group.to_json(), "created_at": created_at}
    del about["completions"]
    for completion in group.completions:
        yield {
            "step": group.step,
            "prompt": _storable(group.problem.prompt),
            "completion": _storable(completion.text),
            **{name: completion.rewards.get(name) for name in names},
            OWN_COLUMN: _dump({"group": about, "completion": completion.to_json()}),
            "advantage": completion.advantage,
        }


def _group(data: Mapping[str, Any]) -> Group:
    problem = data["problem"]
    return Group(
        id=data["id"],
        step=data["step"],
        split=data["split"],
        problem=Problem(**{**problem, "steps": tuple(problem["steps"])}),
        completions=tuple(Completion.from_json(completion) for completion in data["completions"]),
        superseded=data["superseded"],
        decoding=data["decoding"],
    )


def _metrics_by_step(reader: RunReader) -> dict[int, dict[str, float]]:
    steps: dict[int, dict[str, float]] = {}
    for key, points in reader.metrics_since().items():
        for step, value in points:
            steps.setdefault(step, {})[key] = value
    return dict(sorted(steps.items()))


def _chain(first: Row, rest: Iterator[Row]) -> Iterator[Row]:
    yield first
    yield from rest


def _storable(text: str) -> str:
    """Arrow's text takes no lone surrogates; the exact text stands in our own column."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _dump(value: Json) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
