"""What the run is doing: its status, how far it is, how long it took and will take."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.panels.panel import panel

_TEMPLATE = """
<section class="progress card" data-part="card" aria-label="Progress" hidden>
  <div class="progress-title">
    <h1 data-part="name"></h1><span data-part="status"></span><span data-part="phase"></span>
  </div>
  <p class="progress-facts soft"><span data-part="facts"></span><button type="button" class="link"
    data-part="settings" hidden>settings ↓</button></p>
  <ul class="progress-notes" data-part="notes" aria-label="Notes" hidden></ul>
  <div class="bar" data-part="bar" role="progressbar" aria-label="Steps done"><i data-part="done"></i></div>
  <div class="progress-clock number">
    <span data-part="steps"></span><span data-part="elapsed"></span><span data-part="left"></span>
  </div>
</section>
<section class="card empty" data-part="empty" hidden></section>
"""


def progress() -> gr.HTML:
    return panel("progress", _TEMPLATE)
