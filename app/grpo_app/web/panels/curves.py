"""The curves: first whether held-out problems get solved, then what explains it."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.own_files import PLOTLY, address
from grpo_app.web.panels.panel import panel

_TEMPLATE = """
<section class="curves" data-part="curves" data-plotly="PLOTLY" aria-label="Curves" hidden>
  <div class="curve-tools card" role="group" aria-label="How curves are drawn">
    <label title="Each point is averaged with those before it; the raw curve stays behind it, faintly">
      smooth <input type="range" data-part="smooth" min="0" max="0.98" step="0.02"><output
        data-part="smoothness"></output>
    </label>
    <label title="Logarithmic axis, for curves that are not shares">
      <input type="checkbox" data-part="log"> log axis
    </label>
    <label title="The outermost hundredth of the points at each end does not stretch the axis">
      <input type="checkbox" data-part="clip"> clip outliers
    </label>
    <button type="button" class="press" data-part="whole" hidden></button>
    <span class="curve-step number" data-part="step"></span>
  </div>
  <div class="curves-first" data-part="first"></div>
  <div class="curves-rest" data-part="rest"></div>
</section>
"""


def curves() -> gr.HTML:
    return panel("curves", _TEMPLATE.replace("PLOTLY", address(PLOTLY)))
