"""A folder of runs with a path that is the same everywhere, as the screens show it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from grpo_app.tui import app, tail
from grpo_app.tui.screens import runs
from grpo_app.tui.widgets import finder
from grpo_core.views import follow
from tests.app.tui.stand_ins import StandInExplainer


@pytest.fixture
def runs_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Relative, in UTC and without animations: what is drawn does not depend on the machine."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    time.tzset()
    monkeypatch.setattr(app, "Explainer", StandInExplainer)
    # Threads look more often and at less than for a person, so that nothing waits for a clock.
    monkeypatch.setattr(tail, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(tail, "ALERTS_SECONDS", 0.02)
    monkeypatch.setattr(tail, "PAGE", 70)
    monkeypatch.setattr(finder, "REFRESH_SECONDS", 0.05)
    monkeypatch.setattr(runs, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(follow, "NEWEST_GROUPS", 20)
    Path("runs").mkdir()
    return Path("runs")
