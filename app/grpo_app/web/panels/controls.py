"""What a person may do to the run, what was asked of it so far, and how it ended if it ended badly."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.panels.panel import panel

_TEMPLATE = """
<section class="controls card" data-part="card" aria-label="Commands" hidden>
  <div class="controls-row">
    <p class="cause" data-part="cause" role="alert" hidden></p>
    <div class="buttons" data-part="buttons"></div>
    <button class="fold" data-part="fold" aria-expanded="false" aria-controls="asked-before"></button>
  </div>
  <div class="confirm" data-part="confirm" role="group" aria-label="Are you sure?" hidden></div>
  <p class="doubt tone-warn" data-part="doubt" hidden></p>
  <p class="said" data-part="said" role="status" hidden></p>
  <div class="log" data-part="log" hidden></div>
  <div class="asked" id="asked-before" data-part="asked" hidden></div>
</section>
"""


def controls() -> gr.HTML:
    return panel("controls", _TEMPLATE)
