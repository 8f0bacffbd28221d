"""One screen about a run as text: it fits, a long run costs no more, and what is wrong with a run is told in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grpo_core.config import RunConfig
from grpo_core.runs import RunFolder, create_run
from grpo_core.store import RunReader
from grpo_core.views import Reference
from grpo_core.views.alerts import find_alerts
from grpo_core.views.glance import LINES, plain_glance
from tests.core.views.test_alerts import PLANTED, evidence_of
from tests.samples import write_sample_run


def write_planted(runs_dir: Path, case: dict[str, Any]) -> RunFolder:
    """A run whose store holds what the case shows."""
    evidence = evidence_of(case)
    folder = create_run(runs_dir, RunConfig(name="planted", max_steps=60))
    writer = folder.writer()
    writer.add_groups(list(evidence.late))
    steps = sorted({step for points in evidence.metrics.values() for step, _ in points})
    for step in steps:
        writer.add_metrics(step, {key: dict(points)[step] for key, points in evidence.metrics.items()})
    for evaluation in evidence.evals:
        writer.add_evaluation(evaluation)
    writer.set_facts({"step": 60, "max_steps": 60})
    writer.close()
    return folder


@pytest.mark.parametrize("case", PLANTED, ids=lambda case: case["id"])
def test_a_planted_fault_is_told(tmp_path: Path, case: dict[str, Any]) -> None:
    folder = write_planted(tmp_path, case)
    lines = plain_glance(folder, Reference(folder.id)).split("\n")
    told = [line.removeprefix("! ") for line in lines if line.startswith("! ")]
    assert told == [alert.title for alert in find_alerts(evidence_of(case))]
    assert len(lines) <= LINES


def test_a_long_run_is_not_read_point_by_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_sample_run(tmp_path, 12)
    monkeypatch.setattr("grpo_core.views.alert_watch.AlertWatch.poll", lambda _: None)
    whole = plain_glance(folder, Reference(folder.id))
    assert "Reward" in whole
    assert "Newest groups" in whole
    for name in ("metrics_since", "evaluations_since"):
        monkeypatch.setattr(RunReader, name, lambda *_: pytest.fail("all of it was read"))
    assert plain_glance(folder, Reference(folder.id)) == whole
