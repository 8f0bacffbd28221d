"""The steps of the run at a glance: what their groups could teach, where a step's time goes, and what was lost."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.panels.panel import panel

_TEMPLATE = """
<section class="steps card" data-part="card" aria-label="Steps" hidden>
  <div class="steps-title">
    <h2>Steps</h2><span class="steps-legend" data-part="legend"></span>
    <span class="steps-read number" data-part="read"></span><span data-part="explain"></span>
  </div>
  <div class="step-bar" data-part="bar" tabindex="0" role="slider"
    aria-label="Steps: Enter shows a step's groups" aria-valuemin="1" aria-valuemax="1" aria-valuenow="1">
    <canvas data-part="canvas" aria-hidden="true"></canvas><i class="step-mark" data-part="mark" hidden></i>
  </div>
  <div class="step-ends number soft"><span>1</span><span data-part="last"></span></div>
  <div class="steps-below">
    <div class="step-phases" data-part="phases" hidden></div>
    <p class="step-lost" data-part="lost" hidden></p>
  </div>
</section>
"""


def steps() -> gr.HTML:
    return panel("steps", _TEMPLATE)
