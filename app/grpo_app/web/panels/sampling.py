"""The generation in progress: the k completions of one problem as their tokens arrive, and how they were judged."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.panels.panel import panel

_TEMPLATE = """
<section class="sampling card" data-part="card" aria-label="Being sampled now" hidden>
  <div class="sampling-title">
    <span class="pulse" aria-hidden="true"></span><h2 data-part="title"></h2>
    <select data-part="problems" aria-label="Which problem of the batch is shown"></select>
    <button class="fold" data-part="fold" aria-expanded="true">hide</button>
  </div>
  <div class="streams" data-part="streams" tabindex="0" role="group" aria-label="Completions so far"></div>
</section>
"""


def sampling() -> gr.HTML:
    return panel("sampling", _TEMPLATE)
