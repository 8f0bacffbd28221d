// The step bar: a column a step, of the groups that teach, that are all wrong and that are all correct. Below it where
// a step's time goes, and what the groups without signal cost.
"use strict";

import { atMostEvery, el, part, setText } from "../shared/dom.js";
import { cursor, nearestPlace, onCursor, setCursor } from "../shared/cursor.js";
import { explainButton, groupsAddress } from "../shared/explain.js";
import { duration, percent, unbroken } from "../shared/format.js";
import { ALIVE, listen, model, page } from "../shared/stream.js";
import { colour } from "../shared/plots.js";
import { words } from "../shared/site.js";

const REDRAW_MILLISECONDS = 500;
const NARROWEST = 3;
/** Fewer counts than this share of the steps, and each stands for the steps since the one before it. */
const AVERAGED = 0.6;
/** From below to above. */
const SIGNALS = ["mixed", "all_wrong", "all_correct"];
const TONES = { mixed: "accent", all_wrong: "bad", all_correct: "good" };
const keyOf = (signal) => `grpo_dash/train/signal/${signal}`;

/** Drawn columns: `{first, last, shares}`; each holds the steps of one place in the bar. */
const bar = { columns: [], width: 0 };

export async function mount(root) {
  const codes = await words();
  const draw = atMostEvery(REDRAW_MILLISECONDS, () => drawAll(root, codes));
  part(root, "legend").append(...SIGNALS.map((signal) => legendItem(signal, codes.signals[signal])));
  part(root, "explain").append(...explainButton("groups without signal", codes.scopes, numbersOf));
  wireBar(root);
  listen((change) => {
    if (change.metrics || change.reset || change.whole) part(root, "card").hidden = !isThere();
    if (change.metrics || change.run || change.reset || change.whole) draw();
    if (change.phases || change.signal || change.live || change.live_add || change.run || change.whole) drawBelow(root);
  });
  onCursor(() => drawCursor(root, codes));
  new ResizeObserver(draw).observe(part(root, "bar"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}

function legendItem(signal, word) {
  const swatch = el("i", { "aria-hidden": "true", style: { background: `var(--${TONES[signal]})` } });
  return el("span", { title: word.meaning }, swatch, `${word.mark} ${word.label}`);
}

function numbersOf() {
  const chart = model.charts.find(({ id }) => id === "signals") ?? model.charts.find(({ id }) => id === "signal");
  return (chart?.series ?? []).map((series) => ({ ...series, step: stepToRead(), run: page.runId }));
}

function stepToRead() {
  return cursor.step ?? bar.columns.at(-1)?.last ?? null;
}

function drawAll(root, codes) {
  const counts = countsByStep();
  if (!counts.length) return;
  const width = part(root, "bar").clientWidth;
  const last = Math.max(model.run?.max_steps ?? 0, counts.at(-1).step);
  setText(part(root, "last"), String(last));
  Object.assign(bar, { columns: columnsOf(counts, last, width), width, last });
  paint(part(root, "canvas"), width, part(root, "bar").clientHeight);
  drawCursor(root, codes);
}

/** Also before its counts are: a first look brings them after the rest, and what stands below should not move then. */
function isThere() {
  if (model.series.size === 0) return model.run?.step > 0;
  return SIGNALS.some((signal) => model.series.get(keyOf(signal))?.steps.length);
}

function countsByStep() {
  const series = SIGNALS.map((signal) => model.series.get(keyOf(signal)) ?? { steps: [], values: [] });
  const byStep = new Map();
  series.forEach(({ steps, values }, index) => {
    steps.forEach((step, place) => {
      if (!byStep.has(step)) byStep.set(step, [0, 0, 0]);
      byStep.get(step)[index] = values[place];
    });
  });
  return [...byStep].map(([step, counts]) => ({ step, counts })).sort((a, b) => a.step - b.step);
}

/** One column a step, or several steps a column where the bar is too narrow. */
function columnsOf(counts, last, width) {
  const places = Math.max(1, Math.min(last, Math.floor(width / NARROWEST)));
  const columns = new Map();
  for (const { step, counts: own } of counts) {
    const place = Math.min(places - 1, Math.floor(((step - 1) * places) / last));
    if (!columns.has(place)) columns.set(place, { place, first: step, last: step, counts: [0, 0, 0] });
    const column = columns.get(place);
    column.last = step;
    own.forEach((value, index) => (column.counts[index] += value));
  }
  const size = width / places;
  const averaged = counts.length < AVERAGED * counts.at(-1).step;
  let before = { place: -1, last: 0 };
  return [...columns.values()].map((column) => {
    const all = column.counts.reduce((sum, value) => sum + value, 0) || 1;
    const [place, first] = averaged ? [before.place + 1, before.last + 1] : [column.place, column.first];
    before = column;
    const shares = column.counts.map((value) => value / all);
    return { ...column, first, x: place * size, size: (column.place + 1 - place) * size, shares };
  });
}

function paint(canvas, width, height) {
  const ratio = devicePixelRatio || 1;
  Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  const colours = SIGNALS.map((signal) => colour(TONES[signal]));
  for (const { x, size, shares } of bar.columns) {
    let bottom = height;
    const gap = size > 4 ? 1 : 0;
    shares.forEach((share, index) => {
      const tall = share * height;
      context.fillStyle = colours[index];
      context.globalAlpha = index === 0 ? 0.85 : 0.6;
      context.fillRect(x, bottom - tall, size - gap, tall);
      if (index === 1) hatch(context, x, bottom - tall, size - gap, tall, colours[index]);
      bottom -= tall;
    });
  }
}

/** All wrong and all correct differ without their colours. */
function hatch(context, x, y, width, height, color) {
  context.globalAlpha = 0.9;
  context.fillStyle = color;
  for (let at = y + 2; at < y + height; at += 5) context.fillRect(x, at, width, 1);
}

function wireBar(root) {
  const element = part(root, "bar");
  element.addEventListener("pointermove", (event) => setCursor(stepUnder(element, event)));
  element.addEventListener("pointerleave", () => setCursor(null));
  element.addEventListener("blur", () => setCursor(null));
  element.addEventListener("click", (event) => openStep(stepUnder(element, event)));
  element.addEventListener("keydown", byKey);
}

function stepUnder(element, { clientX }) {
  const x = clientX - element.getBoundingClientRect().left;
  const column = bar.columns.find(({ x: left, size }) => x >= left && x < left + size);
  if (!column) return null;
  const within = (x - column.x) / column.size;
  return Math.round(column.first + within * (column.last - column.first));
}

function byKey(event) {
  const steps = bar.columns.map(({ last }) => last);
  if (!steps.length) return;
  const place = cursor.step === null ? steps.length - 1 : nearestPlace(steps, cursor.step);
  const moves = { ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: steps.length - 1 };
  if (event.key in moves) setCursor(steps[Math.min(Math.max(moves[event.key], 0), steps.length - 1)]);
  else if (event.key === "Enter") openStep(cursor.step);
  else return;
  event.preventDefault();
}

function openStep(step) {
  if (step !== null) location.href = groupsAddress(page.runId, step, {});
}

function drawCursor(root, { signals }) {
  const { step } = cursor;
  const column = step === null ? null : bar.columns.findLast(({ first }) => first <= step);
  const mark = part(root, "mark");
  mark.hidden = !column;
  if (column) mark.style.transform = `translateX(${column.x + column.size / 2}px)`;
  const shown = column ?? bar.columns.at(-1);
  setText(part(root, "read"), shown ? readOf(shown, signals) : "");
  const element = part(root, "bar");
  element.setAttribute("aria-valuemin", 1);
  element.setAttribute("aria-valuemax", bar.last ?? 1);
  element.setAttribute("aria-valuenow", shown?.last ?? 1);
  element.setAttribute("aria-valuetext", shown ? readOf(shown, signals) : "no step yet");
}

function readOf({ first, last, shares }, signals) {
  const steps = first === last ? `step ${first}` : `steps ${first}–${last}`;
  return `${steps}:  ${SIGNALS.map((signal, index) => `${signals[signal].mark} ${percent(shares[index])}`).join("  ")}`;
}

function drawBelow(root) {
  drawPhases(part(root, "phases"));
  const { signal } = model;
  const lost = part(root, "lost");
  lost.hidden = !signal;
  if (signal) lost.replaceChildren(...lostOf(signal));
}

/** The three phases by their share of a step's time; the one that the trainer is in is marked. */
function drawPhases(element) {
  element.hidden = !model.phases.length;
  const now = ALIVE.has(model.run?.status) && model.run.phase !== "evaluate" ? model.live?.phase : null;
  const drawn = JSON.stringify([model.phases, now]);
  if (element.hidden || element.dataset.drawn === drawn) return;
  element.dataset.drawn = drawn;
  const total = model.phases.reduce((sum, { seconds }) => sum + seconds, 0);
  const parts = model.phases.map((phase) => phaseElement(phase, now));
  element.replaceChildren(el("span.soft", {}, `A step takes ${total.toFixed(total < 10 ? 2 : 0)} s:`), ...parts);
}

function phaseElement({ phase, label, share, seconds }, now) {
  const title = `${seconds.toFixed(3)} s a step, over the newest steps`;
  const mark = phase === now ? "▶ " : "";
  const bar = el("i.phase-bar", { "aria-hidden": "true" }, el("i", { style: { width: `${share * 100}%` } }));
  return el("span.phase", { title, "data-now": phase === now }, `${mark}${label} `, el("b.number", {}, percent(share)), bar);
}

function lostOf({ lost_seconds: lost, lost_share: share, all_correct: correct, all_wrong: wrong, sentence }) {
  const now = `Without signal now: ●\u00A0${percent(correct)} all correct, ○\u00A0${percent(wrong)} all wrong. `;
  const cost = lost === null || lost < 0.5 ? "" : ` They have cost ${duration(lost)} so far, ${percent(share)} of the steps' time.`;
  return [el("b", {}, now), unbroken(sentence), cost];
}
