"""Some runs side by side: their curves on one axis, the settings in which they differ, a test of their evaluations."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.own_files import PLOTLY, address
from grpo_app.web.panels.panel import panel

_TEMPLATE = """
<section class="beside" data-part="card" data-plotly="PLOTLY" aria-label="Side by side" hidden>
  <div class="beside-legend card" data-part="legend"></div>
  <p class="said tone-bad" data-part="said" role="alert" hidden></p>
  <div class="beside-curves" data-part="curves"></div>
  <div class="beside-below">
    <section class="card" aria-label="Paired test">
      <h2>Is one better, or is it noise?</h2>
      <div class="pair" data-part="pair"></div>
      <div data-part="test" aria-live="polite"></div>
    </section>
    <section class="card" aria-label="Settings that differ">
      <h2>Settings that differ</h2>
      <div class="table-scroll" tabindex="0" role="region" aria-label="Settings" data-part="config"></div>
    </section>
  </div>
</section>
"""


def runs_beside() -> gr.HTML:
    return panel("runs_beside", _TEMPLATE.replace("PLOTLY", address(PLOTLY)))
