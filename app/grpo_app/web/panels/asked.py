"""What was asked before, newest first; kept in the runs folder."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.panels.panel import panel

_TEMPLATE = """
<section class="asked card" aria-label="Asked before">
  <div class="asked-title">
    <h2>Asked before</h2>
    <a data-part="export" title="Every completion of the history, one JSON object a line">export</a>
  </div>
  <div class="asked-rows" data-part="rows"></div>
  <button type="button" class="link" data-part="more" hidden>older ones</button>
</section>
"""


def asked() -> gr.HTML:
    return panel("asked", _TEMPLATE)
