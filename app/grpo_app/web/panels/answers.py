"""The answers: the completions as they are written, judged like those of a group, side by side for two subjects."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.panels.panel import panel

_TEMPLATE = """
<div class="sides" data-part="sides" aria-live="off"></div>
<section class="card empty" data-part="empty">
  <h2>Ask a checkpoint</h2>
  <p>Its completions appear here as they are written. With a gold answer the same judge as in training says of each
  whether it is right, and why.</p>
</section>
"""


def answers() -> gr.HTML:
    return panel("answers", _TEMPLATE)
