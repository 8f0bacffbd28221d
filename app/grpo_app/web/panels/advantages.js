// A column for each form of objective, a row for each completion: a bar to the right for up, to the left for down.
"use strict";

import { el, part } from "../shared/dom.js";
import { count, number, percent, signed, UNKNOWN } from "../shared/format.js";
import { square } from "../shared/group_row.js";
import { onGroup, open } from "../shared/open_group.js";
import { onSelection, selectCompletion, selection } from "../shared/selection.js";
import { ask, words } from "../shared/site.js";

const UNEQUAL = 1e-4;
const STILL = 1e-9;

let drawn = null;

export async function mount(root) {
  const codes = await words();
  onGroup(() => draw(root, codes));
  onSelection(() => draw(root, codes));
}

async function draw(root, codes) {
  const { group, run } = open;
  part(root, "card").hidden = selection.view !== "advantages" || !group;
  if (part(root, "card").hidden) return;
  const question = JSON.stringify([
    run,
    group.id,
    group.completions.map(({ reward, advantage, weight }) => [reward, advantage, weight]),
  ]);
  if (drawn === question) return;
  drawn = question;
  try {
    const answer = await ask(`api/runs/${run}/group/${group.id}/advantages`);
    if (drawn === question) part(root, "body").replaceChildren(...elementsOf(answer, codes));
  } catch (error) {
    if (drawn === question) part(root, "body").replaceChildren(el("p.soft", {}, error.message));
  }
}

function elementsOf(answer, codes) {
  const { forms } = answer;
  const order = [...answer.completions].sort(
    (a, b) => (b.reward ?? -Infinity) - (a.reward ?? -Infinity) || a.index - b.index,
  );
  const table = el(
    "table.forms",
    {},
    el("thead", {}, el("tr", {}, el("th.first", { scope: "col" }, "reward, best first"), ...forms.map(headOf))),
    el("tbody", {}, ...order.map((completion) => rowOf(completion, forms, codes))),
    el("tfoot", {}, ...footOf(forms, answer)),
  );
  return [
    el("h3", {}, "What each objective would have pushed"),
    el("p.soft", {}, sentence(answer)),
    el("div.forms-scroll", { tabindex: "0", role: "region", "aria-label": "Advantages by objective" }, table),
    el("p.soft.forms-note", {}, ownSentence(answer)),
  ];
}

const EQUAL = "All rewards of this group are equal, so every objective leaves the policy as it is.";
const HOW_TO_READ =
  "Recomputed from the stored rewards. A bar to the right makes a completion likelier, to the left less likely; " +
  "bars are to the column's own scale.";

function sentence({ forms, used, groups }) {
  const still = forms.every(({ push }) => push === null || push < STILL);
  const here = still ? EQUAL : HOW_TO_READ;
  if (!groups) return here;
  const share = `${count(used)} (${percent(used / groups)})`;
  return `${here} Of this run's ${count(groups)} training groups each could use ${share}: the others' rewards were equal.`;
}

function ownSentence({ forms, objective, source }) {
  if (!objective) return "";
  const trains = `This run trains with ${objective}${source ? ` (${source})` : ""}`;
  const own = forms.find((form) => form.own);
  if (!own) return `${trains}; the number that entered its loss is not one of these.`;
  const { distance, label } = own;
  if (distance === null) return `${trains}: the column ${label}.`;
  if (distance < UNEQUAL) return `${trains}: the column ${label} is, to ${distance.toExponential(0)}, what entered its loss.`;
  return `${trains}. What entered its loss differs from the column ${label} by up to ${number(distance)}.`;
}

function headOf({ label, equation, meaning, own }) {
  const name = own ? el("span.own", {}, "this run") : null;
  return el(
    `th${own ? ".own-column" : ""}`,
    { scope: "col", title: `${equation}. ${meaning}` },
    el("span.form-label", {}, label),
    el("span.form-equation", {}, equation),
    name,
  );
}

function rowOf({ index, reward, outcome }, forms, codes) {
  const pick = { type: "button", title: "Why this verdict", onclick: () => selectCompletion(index) };
  const name = el(
    "th.first",
    { scope: "row" },
    el("button.k", pick, `k${index}`),
    square(codes.outcomes[outcome], index, reward),
    el("span.number", {}, number(reward)),
  );
  return el("tr", {}, name, ...forms.map((form) => cellOf(form, index)));
}

function cellOf({ values, own }, index) {
  const name = own ? "td.own-column" : "td";
  if (values === null) return el(name, {}, UNKNOWN);
  const value = values[index];
  const limit = Math.max(...values.map(Math.abs), STILL);
  const share = (Math.abs(value) / limit).toFixed(3);
  const side = value < 0 ? "less" : "more";
  const track = el("span.form-track", { "aria-hidden": "true" }, el(`i.${side}`, { style: { "--share": share } }));
  return el(name, {}, track, el("span.number", {}, Math.abs(value) < STILL ? "0.00" : signed(value, 3)));
}

function footOf(forms, { step_groups: groups, used, groups: inAll }) {
  const row = (name, title, text) =>
    el(
      "tr",
      {},
      el("th.first", { scope: "row", title }, name),
      ...forms.map((form) => el(form.own ? "td.number.own-column" : "td.number", {}, text(form))),
    );
  return [
    row("up, down", "How many completions would be made likelier and less likely", ({ up, down }) =>
      up === null ? UNKNOWN : `↑ ${up}  ↓ ${down}`,
    ),
    row("push", "The sum of the sizes: how hard this group pushes", ({ push }) => number(push)),
    row("groups used", `Of the run's ${count(inAll)} training groups: those whose rewards differ`, () => count(used)),
    row("of its step", `This group's share of what all ${groups} groups of its step push`, ({ share }) =>
      percent(share),
    ),
  ];
}
