"""What deserves a look: evidence in numbers, what else it may be, and completions to read."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.panels.panel import panel

_TEMPLATE = """
<section class="alerts" data-part="card" aria-label="What deserves a look" aria-live="polite" hidden></section>
"""


def alerts() -> gr.HTML:
    return panel("alerts", _TEMPLATE)
