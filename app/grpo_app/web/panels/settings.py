"""The settings of a new run, drawn from the form that `views.form` makes of the configuration."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.panels.panel import panel

_TEMPLATE = """
<h1 class="unseen">New run</h1>
<form class="settings" data-part="form" aria-label="Settings of the new run" novalidate></form>
<input type="file" data-part="file" accept=".jsonl,.parquet" aria-label="A .jsonl or .parquet file" hidden>
"""


def settings() -> gr.HTML:
    return panel("settings", _TEMPLATE)
