"""The advantage inspector: what each completion of the group would have weighed under other objectives."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.panels.panel import panel

_TEMPLATE = """
<section class="advantages card" data-part="card" aria-label="What other objectives would have done" hidden>
  <div data-part="body"></div>
</section>
"""


def advantages() -> gr.HTML:
    return panel("advantages", _TEMPLATE)
