"""The list of groups, newest first: the way through everything that a run sampled, filtered, sorted and searched."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.panels.panel import panel

_TEMPLATE = """
<section class="group-list card" data-part="card" aria-label="Groups">
  <form class="list-search" data-part="search" role="search" novalidate>
    <input data-part="q" type="search" aria-label="Search the texts of all completions" autocomplete="off"
      spellcheck="false" maxlength="1000" placeholder="Search all texts   /">
    <button class="press" data-part="filters" type="button" aria-expanded="false" aria-controls="list-filters"></button>
  </form>
  <form class="list-filters" id="list-filters" data-part="form" aria-label="Filters" novalidate hidden>
    <label class="field"><span>split</span><select data-field="split"></select></label>
    <label class="field"><span>group's signal</span><select data-field="signal"></select></label>
    <label class="field"><span>outcome</span><select data-field="outcome"></select></label>
    <label class="field"><span>source</span><select data-field="origin"></select></label>
    <div class="field"><span>steps</span><div class="range">
      <input data-field="first" type="number" min="0" aria-label="First step" placeholder="from">
      <input data-field="last" type="number" min="0" aria-label="Last step" placeholder="to"></div></div>
    <div class="field"><span>tokens</span><div class="range">
      <input data-field="least_tokens" type="number" min="0" aria-label="Least tokens" placeholder="from">
      <input data-field="most_tokens" type="number" min="0" aria-label="Most tokens" placeholder="to"></div></div>
    <label class="field"><span>ended</span><select data-field="truncated"></select></label>
    <label class="field"><span>marked</span><select data-field="marked"></select></label>
    <label class="field wide"><span>order</span><select data-field="sort"></select></label>
    <div class="filter-row">
      <a data-part="export" title="Every marked completion as a case for grpo-dash verify --cases">export marks</a>
      <button class="link" type="button" data-part="clear">clear all</button>
    </div>
  </form>
  <div class="list-tools">
    <label class="follow" title="Show the newest group as soon as it is scored (f)">
      <input type="checkbox" data-part="follow" checked> follow newest
    </label>
    <label class="go-to">step <input data-part="step" type="number" min="0" aria-label="Go to step"></label>
    <button class="keys-button" type="button" data-part="keys" aria-label="Keys" title="Keys (?)">?</button>
  </div>
  <div class="scope" data-part="scope" hidden>
    <span data-part="scope-text"></span><button data-part="leave">show all</button>
  </div>
  <div class="list-status soft" data-part="status" role="status" hidden></div>
  <button class="list-newer" data-part="newer" type="button" hidden>↑ show newer ones</button>
  <div class="list-rows" data-part="rows"></div>
</section>
<dialog class="keys" data-part="keys-dialog" aria-label="Keys"></dialog>
"""


def group_list() -> gr.HTML:
    return panel("group_list", _TEMPLATE)
