"""The problems page: every problem of a run by what became of it, and each of its visits."""

from __future__ import annotations

from grpo_app.web.panels.head import head
from grpo_app.web.panels.problem_table import problem_table


def problems_page() -> None:
    head("problems")
    problem_table()
