"""The curves: first whether held-out problems get solved, then what explains it."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.own_files import address
from grpo_app.web.panels.panel import panel

_TEMPLATE = '<section class="curves" data-part="curves" data-plotly="PLOTLY" aria-label="Curves" hidden></section>'


def curves() -> gr.HTML:
    return panel("curves", _TEMPLATE.replace("PLOTLY", address("plotly.min.js")))
