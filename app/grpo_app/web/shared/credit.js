// Partial credit: each line beside the reference step that it is, and the credits adding up to the number.
"use strict";

import { badge, el } from "./dom.js";
import { number, signed } from "./format.js";

const MISSED = { mark: "–", label: "missing", tone: "warn", meaning: "No line of the completion is this step." };
const ANSWER = { mark: "✓", label: "answer", tone: "good", meaning: "A right answer tops the steps up to 1." };

export function creditElements(credit, codes) {
  const head = ["line", "the completion", "reference step", "status", "credit", "sum"];
  const heads = head.map((name, at) => el(at > 3 ? "th.right" : "th", { scope: "col" }, name));
  const table = el(
    "table.credit-rows",
    {},
    el("thead", {}, el("tr", {}, ...heads)),
    el("tbody", {}, ...credit.rows.map((row) => rowElement(row, codes))),
  );
  return [
    el("div.credit-title", {}, el("h3", {}, "Partial credit"), el("b.number", {}, number(credit.total))),
    el("p.soft", {}, sentence(credit)),
    el("div.credit-scroll", { tabindex: "0", role: "region", "aria-label": "Lines beside reference steps" }, table),
  ];
}

function sentence({ matched, reference, steps, total, reward, factor }) {
  const found = `${matched} of ${reference} reference steps found: ${number(steps)}`;
  const topped = total - steps > 1e-9 ? `, and the right answer tops it up to ${number(total)}` : "";
  if (reward === null || reward === undefined) return `${found}${topped}.`;
  const times = factor === null ? "" : ` (times ${number(factor)})`;
  return `${found}${topped}. The reward “partial” is ${number(reward)}${times}.`;
}

function wordOf({ kind, status }, codes) {
  if (kind === "missed") return MISSED;
  if (kind === "answer") return ANSWER;
  return status ? codes.steps[status] : null;
}

function rowElement(row, codes) {
  const word = wordOf(row, codes);
  const { reference, kind, credit, sum } = row;
  const step =
    reference && el("span.reference-step", {}, el("b.number", {}, String(reference.index + 1)), reference.text);
  const quiet = kind === "line" || kind === "gap";
  return el(
    `tr${word ? `.tone-${word.tone}` : ""}`,
    { "data-kind": kind },
    el("td.soft.number", {}, row.line === null ? "" : String(row.line)),
    el("td.credit-text", {}, row.text ?? ""),
    el("td.credit-text", {}, step || ""),
    el("td", {}, word ? badge(word) : ""),
    el("td.right.number", {}, quiet ? "" : signed(credit)),
    el("td.right.number.soft", {}, quiet ? "" : number(sum)),
  );
}
