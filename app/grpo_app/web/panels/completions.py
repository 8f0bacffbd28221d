"""Every completion of the group, each with its verdict, reward and weight."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.panels.panel import panel

_TEMPLATE = '<section class="completions" data-part="completions" aria-label="Completions"></section>'


def completions() -> gr.HTML:
    return panel("completions", _TEMPLATE)
