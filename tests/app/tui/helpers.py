"""Runs that are always the same, and waiting for what a thread will post."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from grpo_app.tui.app import GrpoTui
from grpo_app.tui.screens.run import RunScreen
from grpo_app.tui.widgets.plot import Plot
from grpo_core.runs import RunFolder
from tests.samples import write_sample_run

LIMIT_SECONDS = 90.0
RUN_ID = "sample-0001"
MADE = "2026-11-20T10:30:00+00:00"


def write_frozen_run(runs_dir: Path, steps: int = 12) -> RunFolder:
    """The sample run, with nothing in it that another one would not have too."""
    return RunFolder(shutil.copytree(_frozen_run(steps), runs_dir / RUN_ID))


@cache
def _frozen_run(steps: int) -> Path:
    """Written once: every other one is a copy."""
    folder = Path(tempfile.mkdtemp(prefix="grpo-tui-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made = write_sample_run(folder, steps)
    set_facts(made, {"created_at": MADE})
    return made.path


def set_facts(folder: RunFolder, facts: dict[str, Any]) -> None:
    writer = folder.writer()
    writer.set_facts(facts)
    writer.close()


async def until(pilot: Pilot[Any], condition: Callable[[], object], seconds: float = LIMIT_SECONDS) -> None:
    """Let the app work until the condition holds."""
    deadline = time.monotonic() + seconds
    while True:
        await pilot.pause()
        # While a screen is coming, its widgets are not there yet.
        try:
            if condition():
                break
        except Exception:
            if time.monotonic() > deadline:
                raise
        assert time.monotonic() < deadline, f"the screen did not come to what was waited for:\n{shown_text(pilot.app)}"
        await pilot.pause(0.02)
    await pilot.pause()


async def until_read(pilot: Pilot[Any]) -> RunScreen:
    """Until the open run was read and its newest group is shown."""
    await until(pilot, lambda: run_screen(pilot).groups.group is not None and run_screen(pilot).state.run is not None)
    return run_screen(pilot)


def run_screen(pilot: Pilot[Any]) -> RunScreen:
    screen = pilot.app.screen
    assert isinstance(screen, RunScreen)
    return screen


def plot_of(screen: RunScreen, chart: str) -> Plot:
    """The plot that shows this chart now."""
    return next(plot for plot in screen.query(Plot) if plot.display and plot.chart and plot.chart.id == chart)


def shown_text(app: GrpoTui) -> str:
    """What stands on the screen, line by line."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in strips)
