// What a page says while it shows no run: that there are none yet, or that the address names one that is not here.
"use strict";

import { el } from "./dom.js";
import { pageAddress } from "./site.js";
import { page } from "./stream.js";

/** Is it known that no run is shown? */
export const showsNoRun = () => page.runs !== null && page.runId === null;

/** The children of a panel's `.empty` card. */
export function noRunElements() {
  return page.runs.length ? elsewhere() : first();
}

function first() {
  return [
    el("h2", {}, "No runs yet"),
    el("p", {}, el("a", { href: pageAddress("new") }, "Start one here"), ", or with the command that needs nothing:"),
    el("p", {}, el("code", {}, "grpo-dash train --preset demo")),
    el("p", {}, "It appears by itself."),
  ];
}

function elsewhere() {
  const all = el("a", { href: pageAddress("runs") }, "look at all of them");
  return [el("h2", {}, "No run is shown"), el("p", {}, "Choose one above, or ", all, ".")];
}
