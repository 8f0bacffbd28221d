"""All runs in a table: what state each is in, whether it learns, what it took; to rename, tag and delete."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.panels.panel import panel

_TEMPLATE = """
<section class="run-table card" aria-label="All runs">
  <div class="table-title">
    <h1>Runs</h1><span class="soft" data-part="hint">Tick two or more to lay them side by side.</span>
    <input type="search" data-part="find" placeholder="name, tag, model …" aria-label="Find runs">
  </div>
  <p class="said" data-part="said" role="status" hidden></p>
  <div class="table-scroll" tabindex="0" role="region" aria-label="Table of runs">
    <table>
      <thead><tr>
        <th scope="col"><span class="unseen">side by side</span></th><th scope="col">run</th><th scope="col">status</th>
        <th scope="col">solves</th><th scope="col" title="The best evaluation on held-out problems">best pass@1</th>
        <th scope="col">steps</th><th scope="col">took</th><th scope="col">tokens</th>
        <th scope="col">began</th><th scope="col"><span class="unseen">change</span></th>
      </tr></thead>
      <tbody data-part="rows"></tbody>
    </table>
  </div>
  <div class="empty" data-part="empty" hidden></div>
</section>
"""


def run_table() -> gr.HTML:
    return panel("run_table", _TEMPLATE)
