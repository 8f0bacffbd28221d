"""The list of groups, newest first: the way through everything that a run sampled."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.panels.panel import panel

_TEMPLATE = """
<section class="group-list card" aria-label="Groups">
  <div class="list-tools">
    <label class="follow" title="Show the newest group as soon as it is scored">
      <input type="checkbox" data-part="follow" checked> follow newest
    </label>
    <select data-part="filter" aria-label="Which groups are listed"></select>
  </div>
  <div class="scope" data-part="scope" hidden>
    <span data-part="scope-text"></span><button data-part="leave">show all</button>
  </div>
  <div class="list-caption soft" aria-hidden="true">
    <span>step</span><span>problem, its completions</span><span>mean</span>
  </div>
  <div class="list-rows" data-part="rows"></div>
</section>
"""


def group_list() -> gr.HTML:
    return panel("group_list", _TEMPLATE)
