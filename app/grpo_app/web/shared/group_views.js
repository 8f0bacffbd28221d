// The ways to look at a group, as a row of buttons: all completions, each one's verdict, and what compares them.
"use strict";

import { el } from "./dom.js";
import { signed } from "./format.js";
import { square } from "./group_row.js";
import { flagElement, markOf, marksOf } from "./marks.js";
import { selectCompletion, selectView, selection } from "./selection.js";

const VIEWS = [
  { view: "compare", text: "best against worst", key: "d" },
  { view: "advantages", text: "other objectives", key: "i" },
];

let drawn = null;

export function drawViews(root, group, codes) {
  const json = JSON.stringify([group.id, group.completions.map(chipFacts), marksOf(group.id)]);
  if (json !== drawn) {
    drawn = json;
    const held = root.contains(document.activeElement) ? document.activeElement.dataset.view : null;
    root.replaceChildren(...buttonsOf(group, codes));
    if (held) root.querySelector(`[data-view="${held}"]`)?.focus();
  }
  for (const button of root.children) button.setAttribute("aria-current", String(button.dataset.view === current()));
}

function chipFacts({ index, verdict, reward, advantage, weight }) {
  return [index, verdict?.outcome ?? null, reward, advantage, weight];
}

function current() {
  return selection.view === "verdict" ? `k${selection.completion}` : selection.view;
}

function buttonsOf(group, codes) {
  const limit = Math.max(...group.completions.map((one) => Math.abs(weightOf(one) ?? 0)), 1e-9);
  const all = el(
    "button.view",
    {
      type: "button",
      "data-view": "all",
      title: "All completions side by side (Esc)",
      onclick: () => selectView("all"),
    },
    `all ${group.completions.length}`,
  );
  const chips = group.completions.map((completion) => chip(completion, codes, limit, group));
  const others = VIEWS.map(({ view, text, key }) =>
    el(
      "button.view",
      { type: "button", "data-view": view, title: `Key ${key}`, onclick: () => selectView(view) },
      text,
    ),
  );
  return [all, ...chips, ...others];
}

const weightOf = ({ weight, advantage }) => weight ?? advantage;

/** `k3 ✓` over a bar to the right for what is made likelier, to the left for what is made less likely. */
function chip(completion, codes, limit, group) {
  const { index } = completion;
  const mark = markOf(group.id, index);
  const value = weightOf(completion);
  const side = value < 0 ? "less" : "more";
  const share = Math.abs(value ?? 0) / limit;
  const word = codes.outcomes[completion.verdict?.outcome];
  const title = `Why k${index} was judged so: ${word?.label ?? "not judged"}, it weighs ${signed(value)} (key ${index})`;
  const properties = { type: "button", "data-view": `k${index}`, title, onclick: () => selectCompletion(index) };
  return el(
    "button.view.chip",
    properties,
    el("span.chip-name", {}, flagElement(mark, codes), `k${index}`, square(word, index, completion.reward)),
    el("span.chip-bar", { "aria-hidden": "true" }, el(`i.${side}`, { style: { "--share": share.toFixed(3) } })),
  );
}
