// One live stream a tab, shared by all panels: opened for the run in the address, closed while the tab is hidden.
"use strict";

import { applyChange, applySnapshot, emptyModel, forgetRows } from "./model.js";
import { ROOT, ask, currentReference } from "./site.js";

const LIST_MILLISECONDS = 8000;
const RETRY_MILLISECONDS = 2000;
/** Of groups of each split; what is dropped can be paged in again. */
export const MOST_ROWS = 300;

/** Statuses of a run whose trainer is there. */
export const ALIVE = new Set(["starting", "running", "paused", "stopping"]);
export const model = emptyModel();
/** `held` is the newest group that was listed when a person began to read further down, else null: until they come back
 * up, nothing older is dropped. */
export const page = { runs: null, runId: null, trouble: null, connected: false, held: null };

const listeners = new Set();
let source = null;
/** The list of runs as it was last sent; the server sends it again where it differs. */
let seenRuns = "";

/** Calls `listener(change)` for each change, and at once with everything there is. `change.whole` marks a resync. */
export function listen(listener) {
  listeners.add(listener);
  if (page.runs !== null) listener(wholeChange());
  return () => listeners.delete(listener);
}

function wholeChange() {
  const { run, evals, live, tiles, charts, phases, signal, alerts } = model;
  const derived = { tiles, charts, phases, signal, alerts };
  return { whole: true, run, metrics: {}, evals, groups: [...model.groups.values()], live, ...derived };
}

function tell(change) {
  for (const listener of listeners) listener(change);
}

/** Show another run. */
export function selectRun(runId) {
  page.runId = runId;
  page.trouble = null;
  page.held = null;
  Object.assign(model, emptyModel());
  reopen();
  tell(wholeChange());
}

function reopen() {
  source?.close();
  source = null;
  page.connected = false;
  if (!page.runId || document.hidden) return;
  const opened = new EventSource(new URL(`live/${encodeURIComponent(page.runId)}`, ROOT));
  opened.addEventListener("snapshot", (event) => receive(event, true));
  opened.addEventListener("change", (event) => receive(event, false));
  opened.addEventListener("trouble", (event) => setTrouble(JSON.parse(event.data).message));
  opened.addEventListener("error", () => connectionLost(opened));
  source = opened;
}

function receive(event, whole) {
  const change = JSON.parse(event.data);
  page.connected = true;
  page.trouble = null;
  if (whole) applySnapshot(model, change);
  else applyChange(model, change);
  if (change.groups) forgetOldRows();
  tell(whole ? wholeChange() : change);
}

/** A tab stays open for days. */
export function forgetOldRows() {
  for (const split of ["train", "eval"]) forgetRows(model, split, MOST_ROWS, page.held);
}

function setTrouble(message) {
  page.trouble = message;
  tell({});
}

function connectionLost(lost) {
  if (lost !== source) return;
  page.connected = false;
  if (lost.readyState === EventSource.CLOSED) setTimeout(() => lost === source && reopen(), RETRY_MILLISECONDS);
  setTrouble("The connection to grpo-dash was lost. Trying again.");
}

async function refreshRuns() {
  try {
    const { mark, runs } = await ask(`api/runs?seen=${seenRuns}`);
    if (runs === null) return;
    seenRuns = mark;
    page.runs = runs;
    if (!page.runId) chooseRun();
    tell({ runs });
  } catch (error) {
    page.runs ??= [];
    setTrouble(error.message);
  }
}

/** The run that the address names (or begins), else the newest. */
function chooseRun() {
  const named = currentReference()?.run;
  const found = named ? page.runs.filter(({ id }) => id === named || id.startsWith(named)) : page.runs;
  if (found.length) selectRun((found.find(({ id }) => id === named) ?? found[0]).id);
  else if (named) page.trouble = `There is no run ${named} here.`;
}

function whenShownOrHidden() {
  reopen();
  if (!document.hidden) refreshRuns();
}

document.addEventListener("visibilitychange", whenShownOrHidden);
setInterval(() => document.hidden || refreshRuns(), LIST_MILLISECONDS);

/** Fulfilled when it is known which run is shown. A panel whose fields ask about the run takes nothing before. */
export const runIsKnown = refreshRuns();
