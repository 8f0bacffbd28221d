"""A real run, commanded through the command line: pause, go on, checkpoint, suspend, resume, discard."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from grpo_core.runs import RunFolder, find_run, summarise
from grpo_core.runs.checkpoints import complete_checkpoints, step_of
from grpo_core.store import ControlDb
from tests.end_to_end.test_run import SMALL, grpo_dash

pytestmark = pytest.mark.training


def test_a_newcomer_commands_a_run(tmp_path: Path) -> None:
    sets = [a for s in [*SMALL, "max_steps=100000", "eval_steps=0", "save_steps=100000"] for a in ("--set", s)]
    run = grpo_dash(tmp_path, "train", "--preset", "demo", *sets).stdout.strip()
    folder = find_run(tmp_path, run)
    wait_for(folder, lambda: (summarise(folder).step or 0) >= 2)

    grpo_dash(tmp_path, "pause", run)
    wait_for(folder, lambda: summarise(folder).status == "paused")
    held_at = summarise(folder).step
    grpo_dash(tmp_path, "checkpoint", run)
    wait_for(folder, lambda: [step_of(path) for path in complete_checkpoints(folder.checkpoints)] == [held_at])
    assert (summarise(folder).status, summarise(folder).step) == ("paused", held_at)

    grpo_dash(tmp_path, "resume", run)
    wait_for(folder, lambda: (summarise(folder).step or 0) > (held_at or 0))
    assert "cannot resume now" in grpo_dash(tmp_path, "resume", run, code=1).stderr

    grpo_dash(tmp_path, "suspend", run)
    wait_for(folder, lambda: summarise(folder).status == "suspended")
    suspended_at = summarise(folder).step
    assert step_of(complete_checkpoints(folder.checkpoints)[0]) == suspended_at

    grpo_dash(tmp_path, "resume", run)
    wait_for(folder, lambda: (summarise(folder).step or 0) > (suspended_at or 0))
    reader = folder.reader()
    steps = [step for step, _ in reader.metrics_since()["reward"]]
    reader.close()
    assert steps == list(range(1, len(steps) + 1))

    grpo_dash(tmp_path, "stop", run, "--discard")
    wait_for(folder, lambda: summarise(folder).status == "finished")
    assert not folder.checkpoints.exists()
    control = ControlDb(tmp_path)
    asked = [(command.kind, command.issuer) for command in reversed(control.history(run))]
    assert all(command.acknowledged_at for command in control.history(run))
    control.close()
    kinds = ["pause", "checkpoint", "resume", "suspend", "resume", "stop"]
    assert asked == [(kind, "command line") for kind in kinds]


def wait_for(folder: RunFolder, condition: object, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, (summarise(folder), folder.log.read_text()[-2000:])
        time.sleep(0.05)
