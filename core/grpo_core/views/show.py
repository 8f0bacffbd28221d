"""One run as JSON for `grpo-dash show`: what it is, its curves, evaluations, checkpoints and newest groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grpo_core.errors import BadReferenceError
from grpo_core.runs import RunFolder, summarise
from grpo_core.runs.autopsy import explain_ending
from grpo_core.runs.checkpoints import checkpoints_of
from grpo_core.runs.status import process_ids
from grpo_core.store import RunReader
from grpo_core.types import Group, Json
from grpo_core.views.groups import group_json
from grpo_core.views.notes import run_notes
from grpo_core.views.reference import Reference

SCHEMA = 1


Curves = Mapping[str, Sequence[tuple[int, float]]]


def show_run(folder: RunFolder, reference: Reference, newest_groups: int = 20, curves: Curves | None = None) -> Json:
    """The whole document; `groups` holds what the reference points at, else the newest. `curves` instead of every
    point of every metric, which of a long run are millions, and then only a part of many evaluations.

    Raises BadReferenceError if it points at a group or completion that is not there.
    """
    reader = folder.reader()
    try:
        with reader.snapshot():
            facts = reader.facts()
            summary = summarise(folder, facts, reader.counters())
            ending = explain_ending(folder, summary.status)
            known = reader.metrics_since() if curves is None else curves
            evaluations = reader.evaluations_since() if curves is None else reader.evaluations_thinned()
            return {
                "schema": SCHEMA,
                "run": summary.to_json(),
                "ending": ending.to_json() if ending else None,
                "notes": run_notes(facts),
                "config": folder.config().model_dump() if folder.config_file.is_file() else {},
                "pids": process_ids(folder),
                "metrics": {key: [list(point) for point in points] for key, points in known.items()},
                "evals": [evaluation.to_json() for evaluation in evaluations],
                "checkpoints": checkpoints_of(folder),
                "groups": [group_json(group) for group in _groups(reader, reference, newest_groups)],
            }
    finally:
        reader.close()


def _groups(reader: RunReader, reference: Reference, newest: int) -> list[Group]:
    if reference.group is not None:
        return [_group(reader, reference)]
    if reference.step is not None:
        rows = reader.group_rows_of_step(reference.step)
    elif reference.problem is not None:
        rows = reader.group_rows_of_problem(reference.problem)
    else:
        return reader.groups(newest)
    if not rows:
        raise BadReferenceError(f"There is nothing at {reference}.")
    groups = [reader.group(row.id) for row in rows]
    return [group for group in groups if group]


def _group(reader: RunReader, reference: Reference) -> Group:
    group = reader.group(reference.group or 0)
    if group is None:
        raise BadReferenceError(f"There is no group {reference.group} in {reference.run}.")
    if reference.completion is not None and reference.completion >= len(group.completions):
        raise BadReferenceError(f"Group {group.id} has completions 0 to {len(group.completions) - 1}.")
    return group
