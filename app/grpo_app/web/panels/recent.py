"""The newest groups in short: the way from the curves to the completions behind them."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.panels.panel import panel

_TEMPLATE = """
<section class="recent card" data-part="card" hidden>
  <div class="recent-title"><h2>Newest groups of the training</h2><a data-part="all">all groups →</a></div>
  <div class="recent-rows" data-part="rows"></div>
</section>
"""


def recent() -> gr.HTML:
    return panel("recent", _TEMPLATE)
