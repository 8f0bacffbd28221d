"""Problems with their pass rate by visit: learnt, forgotten, never or always solved, and where it turned."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.panels.panel import panel

_TEMPLATE = """
<section class="problem-table card" aria-label="Problems">
  <div class="problem-tools" data-part="tools">
    <h1>Problems</h1>
    <select data-part="split" aria-label="Which problems"></select>
    <select data-part="sort" aria-label="In which order"></select>
  </div>
  <div class="courses" data-part="courses" role="group" aria-label="What became of them"></div>
  <p class="problem-missing" data-part="missing" role="status" hidden></p>
  <div class="problem-rows" data-part="rows"></div>
  <button type="button" class="link more" data-part="more" hidden>more problems</button>
  <div class="empty" data-part="empty" hidden></div>
</section>
"""


def problem_table() -> gr.HTML:
    return panel("problem_table", _TEMPLATE)
