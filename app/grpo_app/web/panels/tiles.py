"""Six numbers: where the run stands and how far it has moved since its first evaluation and steps."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.panels.panel import panel

_TEMPLATE = '<section class="tiles" data-part="tiles" aria-label="Key numbers"></section>'


def tiles() -> gr.HTML:
    return panel("tiles", _TEMPLATE)
