"""The question: whom to ask, what, what would be right, and how to sample."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.panels.panel import panel

_TEMPLATE = """
<h1 class="unseen">Playground</h1>
<form class="ask card" data-part="form" aria-label="The question" novalidate>
  <label class="field"><span>Ask</span><select data-part="subject-0"></select></label>
  <input data-part="path-0" aria-label="Folder or hub name" placeholder="folder or hub name" hidden>
  <label class="field"><span>and, beside it</span><select data-part="subject-1"></select></label>
  <input data-part="path-1" aria-label="Folder or hub name" placeholder="folder or hub name" hidden>
  <label class="field">
    <span>Question</span><textarea data-part="prompt" rows="4" placeholder="Compute (5+7)*3-4."></textarea>
  </label>
  <div class="from">
    <button type="button" class="link" data-part="random">a random held-out problem</button>
    <a data-part="group" hidden></a>
  </div>
  <label class="field" title="With it every completion is judged as in training">
    <span>Gold answer <i class="soft">may be empty</i></span><input data-part="gold" autocomplete="off">
  </label>
  <p class="soft steps-note" data-part="steps" hidden></p>
  <div class="settings">
    <label class="field" title="Completions; pass@k is over them">
      <span>k</span><input data-part="k" type="number" min="1" max="64">
    </label>
    <label class="field" title="0 is greedy, which gives one completion">
      <span>temperature</span><input data-part="temperature" type="number" min="0" max="10" step="0.1">
    </label>
    <label class="field" title="Nucleus sampling">
      <span>top-p</span><input data-part="top_p" type="number" min="0" max="1" step="0.05">
    </label>
    <label class="field" title="Tokens that a completion may have">
      <span>tokens</span><input data-part="max_completion_length" type="number" min="1">
    </label>
    <label class="field" title="The same seed on the same weights gives the same completions">
      <span>seed</span><input data-part="seed" type="number" min="0">
    </label>
  </div>
  <details><summary>System prompt</summary>
    <textarea data-part="system_prompt" rows="3" aria-label="System prompt" placeholder="none"></textarea>
    <p class="soft" data-part="template" hidden></p>
  </details>
  <div class="ask-row">
    <button class="press first" data-part="ask">Ask</button>
    <button class="press" type="button" data-part="cancel" hidden>Cancel</button>
    <span class="soft" data-part="hint">Ctrl + Enter</span>
    <span class="soft ready" data-part="ready" role="status"></span>
  </div>
  <p class="said tone-bad" data-part="said" role="alert" hidden></p>
  <div class="ways" data-part="ways" hidden></div>
</form>
"""


def ask() -> gr.HTML:
    return panel("ask", _TEMPLATE)
