"""The runs page: every run of the folder, and some of them side by side."""

from __future__ import annotations

from grpo_app.web.panels.head import head
from grpo_app.web.panels.run_table import run_table
from grpo_app.web.panels.runs_beside import runs_beside


def runs_page() -> None:
    head("runs")
    run_table()
    runs_beside()
