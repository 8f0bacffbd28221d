// One chart: its title and buttons, a legend that reads the values under the cursor, and the plot.
"use strict";

import { el, setText } from "./dom.js";
import { cursor, nearestPlace, setCursor } from "./cursor.js";
import { explainButton, groupsAddress } from "./explain.js";
import { popover } from "./popover.js";
import { model, page } from "./stream.js";
import { curvesOf, layoutOf, shownValue, tracesOf } from "./plots.js";

// Plotly's own buttons could send a chart to its maker's site; dragging and double-clicking do all that is needed.
const CONFIG = { displayModeBar: false, responsive: true, scrollZoom: false };
const HOW_TO = "Drag to zoom all curves to some steps, double-click for all of them. A click, or Enter, shows the groups of a step.";
const CLICK_PIXELS = 4;
const PICTURE = { width: 1100, height: 600, scale: 2 };

/** A card for `chart`; `draw(view)` draws it, `point()` moves its cursor, `zoom(steps)` is told what was zoomed to. */
export function curveCard(chart, scopes, zoom) {
  const nowhere = { "aria-valuemin": 0, "aria-valuemax": 0, "aria-valuenow": 0 };
  const plot = el("div.plot", { tabindex: "0", role: "slider", "aria-label": `${chart.title}: steps`, ...nowhere });
  const line = el("div.cursor-line", { hidden: true });
  const empty = el("p.plot-empty.soft", { hidden: true }, emptyText(chart));
  const items = chart.series.map((series, index) => legendItem(chart, series, index));
  const title = el(
    "div.curve-title",
    {},
    el("h2", {}, chart.title),
    el("span.curve-buttons", {}, ...explainButton(chart.title, scopes, () => numbersOf(card), el("p.soft.how-to", {}, HOW_TO)), ...saveButton(chart, plot)),
  );
  const legend = el("div.legend.number", {}, ...items.map(({ element }) => element));
  const space = el("div.plot-space", {}, plot, line, empty);
  const element = el("div.curve.card", { "data-chart": chart.id }, title, legend, space);
  const card = { chart, element, plot, line, empty, items, curves: [], dirty: true };
  wire(card, zoom);
  return card;
}

function emptyText(chart) {
  const evaluated = chart.series.every(({ origin }) => origin === "evaluation");
  if (evaluated) return "No evaluation on held-out problems has been made yet.";
  return "Nothing logged yet: comes with the first step.";
}

function legendItem(chart, series, index) {
  const swatch = el(`i.swatch.${chart.form === "lines" ? "stroke" : "area"}`, { "aria-hidden": "true", "data-dash": index % 6 });
  const value = el("b");
  const name = series.mark ? `${series.mark} ${series.label}` : series.label;
  return { swatch, value, element: el("span.legend-item", { title: series.meaning }, swatch, el("span", {}, name), " ", value) };
}

/** What the explanation says of each curve, with the step that is looked at. */
function numbersOf({ curves }) {
  return curves.map(({ series, steps }) => {
    const place = cursor.step === null ? steps.length - 1 : nearestPlace(steps, cursor.step);
    return { ...series, step: steps[place] ?? null, run: page.runId };
  });
}

function saveButton(chart, plot) {
  const button = el("button.icon-button", { type: "button", title: "Save as a picture", "aria-label": `Save ${chart.title} as a picture` }, "⤓");
  const as = (format) => el("button.press", { type: "button", onclick: () => save(chart, plot, format) }, format.toUpperCase());
  const row = () => [el("p", {}, "Save this curve, as it is drawn now:"), el("div.save-row", {}, as("png"), as("svg"))];
  return popover(button, `Save ${chart.title}`, row);
}

/** Plotly draws the picture here, in the page; a title and a legend tell what it is where it is shown alone. */
async function save(chart, plot, format) {
  const { data, layout } = plot;
  if (!data) return;
  const paper = getComputedStyle(document.documentElement).getPropertyValue("--card").trim();
  const titled = {
    ...layout,
    title: { text: `${chart.title} · ${page.runId}`, font: { size: 16 } },
    margin: { l: 60, r: 20, t: 60, b: 50 },
    showlegend: true,
    legend: { orientation: "h", y: -0.12 },
    paper_bgcolor: paper,
    plot_bgcolor: paper,
  };
  const picture = await Plotly.toImage({ data: data.map(named), layout: titled }, { format, ...PICTURE });
  const link = el("a", { href: picture, download: `${page.runId}-${chart.id}.${format}` });
  link.click();
}

/** The faint raw curve behind a smoothed one is the same curve to a legend. */
function named(trace) {
  return { ...trace, showlegend: trace.opacity === undefined && trace.showlegend !== false };
}

function wire(card, zoom) {
  const { plot } = card;
  let down = null;
  plot.addEventListener("pointermove", (event) => setCursor(stepUnder(card, event)));
  plot.addEventListener("pointerleave", () => setCursor(null));
  plot.addEventListener("pointerdown", (event) => (down = [event.clientX, event.clientY]), true);
  addEventListener("pointerup", (event) => {
    const still = down && Math.hypot(event.clientX - down[0], event.clientY - down[1]) < CLICK_PIXELS;
    const inside = down && plot.contains(document.elementFromPoint(event.clientX, event.clientY));
    down = null;
    if (still && inside && event.button === 0 && event.detail < 2) openSoon(card, event);
  });
  plot.addEventListener("dblclick", () => clearTimeout(card.opening));
  plot.addEventListener("keydown", (event) => byKey(card, event, zoom));
  plot.addEventListener("blur", () => setCursor(null));
}

/** A click leads to the groups of the step, unless it was the first of two that zoom out. */
function openSoon(card, event) {
  const step = stepUnder(card, event);
  clearTimeout(card.opening);
  if (step !== null) card.opening = setTimeout(() => openStep(card, step), 260);
}

function openStep({ chart }, step) {
  const evaluated = chart.series.every(({ origin }) => origin === "evaluation");
  if (step > 0 || evaluated) location.href = groupsAddress(page.runId, step, { split: evaluated ? "eval" : "train" });
}

function byKey(card, event, zoom) {
  const steps = allSteps(card);
  if (!steps.length) return;
  const place = cursor.step === null ? steps.length - 1 : nearestPlace(steps, cursor.step);
  const far = Math.max(1, Math.round(steps.length / 10));
  const moves = { ArrowLeft: place - 1, ArrowRight: place + 1, PageDown: place - far, PageUp: place + far, Home: 0, End: steps.length - 1 };
  if (event.key in moves) setCursor(steps[Math.min(Math.max(moves[event.key], 0), steps.length - 1)]);
  else if (event.key === "Enter" && cursor.step !== null) openStep(card, cursor.step);
  else if (event.key === "Escape") zoom(null);
  else return;
  event.preventDefault();
}

function allSteps({ curves }) {
  return curves.reduce((longest, { steps }) => (steps.length > longest.length ? steps : longest), []);
}

/** The step of this chart's curves that is nearest to the mouse. */
function stepUnder({ plot, curves }, { clientX }) {
  const axis = plot._fullLayout?.xaxis;
  if (!axis) return null;
  const wanted = axis.p2d(clientX - plot.getBoundingClientRect().left - axis._offset);
  const places = curves.map(({ steps }) => steps[nearestPlace(steps, wanted)]).filter((step) => step !== undefined);
  return places.length ? places.reduce((best, step) => (Math.abs(step - wanted) < Math.abs(best - wanted) ? step : best)) : null;
}

/** Was it never drawn? */
export const isNew = ({ plot }) => !plot.classList.contains("js-plotly-plot");

/** Draw anew; `zoom` is called when a person zoomed. */
export function drawCard(card, view, zoom) {
  const { chart, plot, empty } = card;
  card.dirty = false;
  card.curves = curvesOf(chart, model);
  const any = card.curves.some(({ steps }) => steps.length);
  empty.hidden = any;
  plot.style.visibility = any ? "visible" : "hidden";
  pointCard(card);
  if (!any) return;
  const first = isNew(card);
  const lastStep = Math.max(...card.curves.map(({ steps }) => steps.at(-1) ?? 0));
  const traces = tracesOf(chart, card.curves, model.evals, view);
  Plotly.react(plot, traces, layoutOf(chart, card.curves, page.runId, lastStep, view), CONFIG);
  if (first) plot.on("plotly_relayout", (change) => wasZoomed(change, zoom));
}

/** Only the steps are shared by all curves; the values that a person zoomed to are this curve's own. */
function wasZoomed(change, zoom) {
  if (change["xaxis.autorange"]) zoom(null);
  const [low, high] = [change["xaxis.range[0]"], change["xaxis.range[1]"]];
  if (low === undefined || high === undefined) return;
  const [first, last] = [Math.max(0, Math.floor(low)), Math.ceil(high)];
  if (last > first) zoom([first, last]);
}

/** Move the cursor's line and read the values under it; without a cursor the newest ones. */
export function pointCard(card) {
  const { chart, curves, items, plot, line } = card;
  curves.forEach(({ steps, values, series }, index) => {
    const place = cursor.step === null ? steps.length - 1 : nearestPlace(steps, cursor.step);
    items[index].swatch.style.setProperty("--swatch", `var(--${curves[index].color})`);
    setText(items[index].value, `${shownValue(chart, values[place])}${intervalAt(series, place)}`);
  });
  const axis = plot._fullLayout?.xaxis;
  const at = axis && cursor.step !== null ? axis._offset + axis.d2p(cursor.step) : null;
  line.hidden = at === null || at < axis._offset - 1 || at > axis._offset + axis._length + 1;
  if (!line.hidden) line.style.transform = `translateX(${at}px)`;
  describe(card);
}

function intervalAt({ key }, place) {
  const known = key === "pass@1" ? model.evals[place]?.ci95 : null;
  return known ? ` (${Math.round(known[0] * 100)}–${Math.round(known[1] * 100)})` : "";
}

/** What a screen reader says of the step that the keys went to. */
function describe({ plot, curves, items }) {
  const steps = curves[0]?.steps ?? [];
  const step = cursor.step ?? steps.at(-1) ?? 0;
  plot.setAttribute("aria-valuemin", steps[0] ?? 0);
  plot.setAttribute("aria-valuemax", Math.max(step, steps.at(-1) ?? 0));
  plot.setAttribute("aria-valuenow", step);
  const read = curves.map(({ series }, index) => `${series.label} ${items[index].value.textContent}`);
  plot.setAttribute("aria-valuetext", `step ${step}: ${read.join(", ")}`);
}
