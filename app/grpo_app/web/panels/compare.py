"""Two completions side by side: best against worst of a group, any two of it, or the same problem at two steps."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.panels.panel import panel

_TEMPLATE = """
<section class="compare" data-part="card" aria-label="Two completions side by side" hidden>
  <div class="card compare-head">
    <label class="compare-pick"><span data-part="left-name"></span>
      <select data-part="left" aria-label="The completion on the left"></select></label>
    <label class="compare-pick"><span>beside</span>
      <select data-part="beside" aria-label="The group of the completion on the right"></select>
      <select data-part="right" aria-label="The completion on the right"></select></label>
    <span class="soft number compare-same" data-part="same"></span>
  </div>
  <div class="visits card" data-part="visits" hidden></div>
  <div class="card compare-sides" data-part="sides"></div>
</section>
"""


def compare() -> gr.HTML:
    return panel("compare", _TEMPLATE)
