"""A terminal that goes without a signal takes the app with it."""

from __future__ import annotations

from pathlib import Path

from tests.app.tui.terminal import Terminal
from tests.samples import write_sample_run

LIMIT_SECONDS = 60.0


def test_the_app_leaves_with_its_terminal(tmp_path: Path) -> None:
    folder = write_sample_run(tmp_path)
    terminal = Terminal("--runs-dir", str(tmp_path), folder.id)
    try:
        terminal.until("Quit")
        terminal.hang_up()
        assert terminal.process.wait(LIMIT_SECONDS) is not None
    finally:
        terminal.close()
