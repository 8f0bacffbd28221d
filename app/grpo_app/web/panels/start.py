"""Beside the settings: presets, the TOML in and out, the signal check, and the start."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.panels.panel import panel

_TEMPLATE = """
<form class="start card" data-part="form" aria-label="Start" novalidate>
  <label class="field"><span>Begin with</span><select data-part="presets"></select></label>
  <div class="start-row">
    <button class="press first" type="button" data-part="start">Start</button>
    <button class="press" type="button" data-part="check"
      title="Sample a few groups from the untrained model: is there anything to learn, and how long would it take?"
      >Check the signal</button>
    <button class="press" type="button" data-part="cancel" hidden>Cancel</button>
  </div>
  <p class="said tone-bad" data-part="said" role="alert" hidden></p>
  <ul class="warnings" data-part="warnings" aria-label="Warnings" hidden></ul>
  <div class="checking" data-part="checking" role="status" hidden>
    <span data-part="progress-text"></span><div class="bar"><i data-part="progress"></i></div>
  </div>
  <div class="signal" data-part="signal" hidden>
    <p class="stale" data-part="stale" role="status" hidden>Found with other settings: check the signal again.</p>
    <div class="signal" data-part="signal-report"></div>
  </div>
  <details class="toml" data-part="toml-details"><summary>The same as TOML</summary>
    <textarea data-part="toml" rows="14" spellcheck="false" aria-label="The configuration as TOML"></textarea>
    <div class="start-row">
      <button class="press" type="button" data-part="apply" title="Fill the form in from this text">Apply</button>
      <a class="press" data-part="download" download="config.toml">Download</a>
      <button class="press" type="button" data-part="upload">Open a file</button>
    </div>
    <input type="file" data-part="file" accept=".toml" aria-label="A TOML file" hidden>
    <p class="said tone-bad" data-part="toml-said" role="alert" hidden></p>
  </details>
</form>
"""


def start() -> gr.HTML:
    return panel("start", _TEMPLATE)
