"""What the run was made with, folded below its curves: first what differs from the defaults."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.panels.panel import panel

_TEMPLATE = """
<details class="run-settings card" data-part="card" hidden>
  <summary><b>Settings</b><span class="run-settings-changed soft" data-part="changed"></span></summary>
  <div class="run-settings-groups" data-part="groups"></div>
</details>
"""


def run_settings() -> gr.HTML:
    return panel("run_settings", _TEMPLATE)
