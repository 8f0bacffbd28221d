// What the page knows of a run: snapshots and changes from the live stream, merged. No drawing here.
"use strict";

/** What comes whole whenever it changed. */
const WHOLE = ["tiles", "charts", "phases", "signal", "alerts", "checkpoints", "commands"];

/** An empty picture of a run. Series are `{steps, values}`; `groups` is rows by id, `marks` by `GROUP/k/INDEX`. */
export function emptyModel() {
  const nothing = { run: null, runSeenAt: 0, live: null, signal: null, detail: null, marks: new Map() };
  const lists = { evals: [], tiles: [], charts: [], phases: [], alerts: [], checkpoints: [], commands: [] };
  return { ...nothing, ...lists, series: new Map(), groups: new Map() };
}

/** The whole picture anew. Rows that were paged in stay if the new ones reach them and no resume took any back. */
export function applySnapshot(model, snapshot) {
  const before = model.groups;
  Object.assign(model, emptyModel());
  for (const split of ["train", "eval"]) keepPagedIn(model, before, snapshot.groups, split);
  applyChange(model, snapshot);
  model.runSeenAt = performance.now() - snapshot.run_age * 1000;
}

function keepPagedIn(model, before, rows, split) {
  const oldest = rows.find((row) => row.split === split)?.id;
  const isTakenBack = ({ id, superseded }) => before.has(id) && before.get(id).superseded !== superseded;
  if (!before.has(oldest) || rows.some(isTakenBack)) return;
  for (const [id, row] of before) if (row.split === split && id < oldest) model.groups.set(id, row);
}

/** A `reset` takes back all that came before: the same change holds what there is now. */
export function applyChange(model, change) {
  if (change.reset) Object.assign(model, { series: new Map(), evals: [], groups: new Map() });
  if (change.run) {
    model.run = change.run;
    model.runSeenAt = performance.now();
  }
  for (const [key, points] of Object.entries(change.metrics ?? {})) mergePoints(seriesOf(model, key), points);
  for (const evaluation of change.evals ?? []) mergeEvaluation(model.evals, evaluation);
  for (const row of change.groups ?? []) model.groups.set(row.id, row);
  if (change.live) model.live = change.live;
  if (change.live_add) addToLive(model, change.live_add);
  for (const name of WHOLE) if (name in change) model[name] = change[name];
  if (change.marks) model.marks = new Map(change.marks.map((mark) => [`${mark.group}/k/${mark.index}`, mark]));
}

function seriesOf(model, key) {
  if (!model.series.has(key)) model.series.set(key, { steps: [], values: [] });
  return model.series.get(key);
}

/** As many as the server keeps: a reload shows the same. */
const MOST_POINTS = 2000;

/** Points come by step; a resumed run logs some steps again, and the newer value holds. */
function mergePoints(series, points) {
  for (const [step, value] of points) {
    const at = placeOf(series.steps, step);
    const replaces = series.steps[at] === step ? 1 : 0;
    series.steps.splice(at, replaces, step);
    series.values.splice(at, replaces, value);
  }
  while (series.steps.length > MOST_POINTS) halveOlder(series);
}

/** A tab that is open for days keeps the newest steps as they are; of the older three quarters, two become their mean. */
function halveOlder(series) {
  const older = Math.floor((MOST_POINTS * 3) / 8) * 2;
  const [steps, values] = [[], []];
  for (let at = 0; at < older; at += 2) {
    steps.push(series.steps[at + 1]);
    values.push((series.values[at] + series.values[at + 1]) / 2);
  }
  series.steps.splice(0, older, ...steps);
  series.values.splice(0, older, ...values);
}

function placeOf(steps, step) {
  let at = steps.length;
  while (at > 0 && steps[at - 1] >= step) at -= 1;
  return at;
}

function mergeEvaluation(evals, evaluation) {
  const at = placeOf(evals.map(({ step }) => step), evaluation.step);
  evals.splice(at, evals[at]?.step === evaluation.step ? 1 : 0, evaluation);
}

function addToLive(model, added) {
  if (model.live?.number !== added.number) return;
  model.live.phase = added.phase;
  for (const [problem, index, text] of added.add) model.live.streams[problem][index] += text;
  for (const [problem, index] of added.end) model.live.ended[problem][index] = true;
}

/** The split that a run is made of: an evaluation on demand has held-out groups alone. */
export function ownSplit(model) {
  return model.run?.objective === "evaluation" ? "eval" : "train";
}

/** Curves between two steps as the server has them closer: `{first, last, series}`; null for none. */
export function setDetail(model, first, last, metrics) {
  const series = new Map(Object.entries(metrics).map(([key, points]) => [key, { steps: points.map(([step]) => step), values: points.map(([, value]) => value) }]));
  model.detail = { first, last, series };
}

/** A curve with its detail in place of what it replaces. */
export function pointsOfSeries(model, key) {
  const rough = model.series.get(key) ?? { steps: [], values: [] };
  const close = model.detail?.series.get(key);
  if (!close?.steps.length) return rough;
  const before = rough.steps.findIndex((step) => step >= close.steps[0]);
  const until = rough.steps.findIndex((step) => step > close.steps.at(-1));
  const joined = (name) => [...rough[name].slice(0, Math.max(0, before)), ...close[name], ...(until < 0 ? [] : rough[name].slice(until))];
  return { steps: joined("steps"), values: joined("values") };
}

/** Groups of a split that no resume took back, newest first. */
export function validGroups(model, split) {
  return newestGroups(model, split).filter(({ superseded }) => !superseded);
}

/** Group rows of a split, newest first. */
export function newestGroups(model, split) {
  return [...model.groups.values()].filter((row) => row.split === split).sort((a, b) => b.id - a.id);
}

/** Drops all but the newest `most` rows of a split, though none up to the group `held` (null for no such group). */
export function forgetRows(model, split, most, held) {
  const newer = newestGroups(model, split).filter(({ id }) => held === null || id > held);
  for (const { id } of newer.slice(most)) model.groups.delete(id);
}
