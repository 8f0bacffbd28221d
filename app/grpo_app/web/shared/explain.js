// “Explain this number”: its formula, key and scope, and the way to the completions that made it.
"use strict";

import { el } from "./dom.js";
import { popover } from "./popover.js";
import { pageAddress } from "./site.js";

/** A round button whose panel explains `numbers()`: `[{label, meaning, key, explanation, step, run}]`. */
export function explainButton(title, scopes, numbers, ...more) {
  const button = el("button.icon-button", { type: "button", title: "Explain this number", "aria-label": `Explain: ${title}` }, "?");
  return popover(button, `What ${title} means`, () => [...numbers().map((one) => explained(one, scopes)), ...more]);
}

function explained({ label, mark, meaning, key, explanation, step, run }, scopes) {
  const known = explanation ?? {};
  return el(
    "section.explained",
    {},
    el("h3", {}, mark ? `${mark} ${label}` : label),
    el("p", {}, `${meaning}.`.replace(/\.\.$/, ".")),
    known.formula ? el("code.formula", {}, known.formula) : null,
    el("dl", {}, ...factOf("key", el("code", {}, key)), ...factOf("taken", scopes[known.scope]), ...factOf("by", known.by)),
    readOf(known.opens, step, run),
  );
}

function factOf(name, value) {
  return value ? [el("dt", {}, name), el("dd", {}, value)] : [];
}

/** The groups of the step that made the number, as the groups page filters them. */
function readOf(opens, step, run) {
  if (!opens || !run) return null;
  const href = groupsAddress(run, step, opens);
  const what = opens.split === "eval" ? "evaluated" : "sampled";
  return el("a", { href }, step === null ? "Read the completions →" : `Read what was ${what} at step ${step} →`);
}

/** The groups page at a step (or at all steps), filtered as its own fields filter it. */
export function groupsAddress(run, step, filters = {}) {
  const whole = Object.keys(filters).every((name) => name === "split" && filters[name] === "train");
  if (whole) return pageAddress("groups", step === null ? { run } : { run, step });
  const asked = { ...filters, ...(step === null ? {} : { first: step, last: step }) };
  const more = Object.entries(asked).map(([name, value]) => `&${name}=${encodeURIComponent(value)}`);
  return pageAddress("groups", { run }) + more.join("");
}
