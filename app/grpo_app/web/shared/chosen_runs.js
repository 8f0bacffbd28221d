// The runs that are laid side by side, in the order in which they were chosen; kept in the address.
"use strict";

import { parameter, rememberParameters, rememberReference } from "./site.js";
import { page } from "./stream.js";

export const MOST_RUNS = 6;
export const chosen = { runs: (parameter("with") ?? "").split(",").filter(Boolean).slice(0, MOST_RUNS) };

const listeners = new Set();
rememberParameters({ with: chosen.runs.join(",") });

export function onChosen(listener) {
  listeners.add(listener);
  listener();
}

export function choose(runs) {
  chosen.runs = runs.slice(0, MOST_RUNS);
  rememberParameters({ with: chosen.runs.join(",") });
  if (page.runId) rememberReference("runs", { run: page.runId });
  for (const listener of listeners) listener();
}

export function toggle(run) {
  choose(chosen.runs.includes(run) ? chosen.runs.filter((other) => other !== run) : [...chosen.runs, run]);
}
