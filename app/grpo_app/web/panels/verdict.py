"""Why this verdict: where the answer stands, which rule found it, how both sides were read, what decided, and why;
what the judge would say with another gold; and how partial credit adds up."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.panels.panel import panel

_TEMPLATE = """
<section class="verdict" data-part="card" aria-label="Why this verdict" hidden>
  <div class="card verdict-head"><div data-part="title"></div><div data-part="marking"></div></div>
  <div class="verdict-columns" data-part="columns">
    <div class="verdict-way">
      <div class="card way" data-part="way" aria-live="off"></div>
      <form class="card again" data-part="again" aria-label="Judge again" novalidate>
        <label class="field"><span>Judge again with gold =</span>
          <input data-part="gold" autocomplete="off" spellcheck="false" maxlength="10000"></label>
        <button class="press" data-part="judge">Judge</button>
        <p class="soft again-note">Nothing stored changes: the new verdict is shown beside the stored one.</p>
        <div class="again-result" data-part="result" role="status" hidden></div>
      </form>
    </div>
    <div class="verdict-text">
      <div class="card credit" data-part="credit" hidden></div>
      <div class="card whole-text" data-part="text"></div>
    </div>
  </div>
</section>
"""


def verdict() -> gr.HTML:
    return panel("verdict", _TEMPLATE)
