"""One group whole: the problem, its reference steps, and every completion with its verdict, reward and weight."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.panels.panel import panel

_TEMPLATE = """
<section class="detail" aria-label="The group">
  <div class="card detail-head" data-part="head" hidden></div>
  <div class="completions" data-part="completions"></div>
  <div class="card empty" data-part="empty" hidden></div>
</section>
"""


def group_detail() -> gr.HTML:
    return panel("group_detail", _TEMPLATE)
