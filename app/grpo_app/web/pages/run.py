"""The run page: what the run is doing, whether it learns, its newest groups, and its settings."""

from __future__ import annotations

from grpo_app.web.panels.alerts import alerts
from grpo_app.web.panels.controls import controls
from grpo_app.web.panels.curves import curves
from grpo_app.web.panels.head import head
from grpo_app.web.panels.progress import progress
from grpo_app.web.panels.recent import recent
from grpo_app.web.panels.run_settings import run_settings
from grpo_app.web.panels.steps import steps
from grpo_app.web.panels.tiles import tiles


def run_page() -> None:
    head("run")
    progress()
    controls()
    alerts()
    steps()
    tiles()
    curves()
    recent()
    run_settings()
