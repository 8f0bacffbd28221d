"""The bar on top of every page: its pages, which run is shown, and whether the page is in touch with the server."""

from __future__ import annotations

from typing import Literal

import gradio as gr

from grpo_app.web.panels.panel import panel

_TEMPLATE = """
<header class="head" data-page="PAGE">
  <a class="brand" data-part="brand"><span class="brand-mark" aria-hidden="true"></span><span
    class="brand-name">grpo-dash</span></a>
  <nav aria-label="Pages"><a data-part="to-run">Run</a><a data-part="to-groups">Groups</a><a
    data-part="to-problems">Problems</a><a data-part="to-runs">Runs</a><a data-part="to-playground">Playground</a><a
    data-part="to-new">New run</a></nav>
  <button class="newer" data-part="newer" title="Show the run that started last" hidden></button>
  <label class="picker">
    <span class="soft">Run</span><select data-part="runs" aria-label="Which run is shown"></select>
  </label>
  <span class="touch" data-part="touch" role="status"></span>
</header>
<p class="trouble" data-part="trouble" role="alert" hidden></p>
"""


def head(page: Literal["run", "groups", "problems", "runs", "playground", "new"]) -> gr.HTML:
    return panel("head", _TEMPLATE.replace("PAGE", page))
