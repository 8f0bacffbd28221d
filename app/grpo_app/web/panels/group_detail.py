"""One group's head: the problem, its reference steps, and the ways to look at what was sampled for it."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.panels.panel import panel

_TEMPLATE = """
<section class="detail" aria-label="The group">
  <h1 class="unseen">Groups</h1>
  <div class="card detail-head" data-part="head" hidden>
    <div data-part="about"></div>
    <nav class="views" data-part="views" aria-label="Ways to look at this group"></nav>
  </div>
  <div class="card empty" data-part="empty" hidden></div>
</section>
"""


def group_detail() -> gr.HTML:
    return panel("group_detail", _TEMPLATE)
