// The chosen runs side by side. What is drawn is asked for when the choice changes, and while one of them trains.
"use strict";

import { el, part, setText } from "../shared/dom.js";
import { chosen, onChosen } from "../shared/chosen_runs.js";
import { nearestPlace } from "../shared/cursor.js";
import { smoothed } from "../shared/curve_view.js";
import { percent, signed } from "../shared/format.js";
import { colour, shownValue } from "../shared/plots.js";
import { loadPlotly } from "../shared/plotly.js";
import { ALIVE, page } from "../shared/stream.js";
import { ask, pageAddress } from "../shared/site.js";

const CONFIG = { displayModeBar: false, responsive: true, scrollZoom: false };
const LOOK_MILLISECONDS = 10_000;
const SMOOTH = 0.6;
const FEW = 12;
const DASHES = ["solid", "dash", "dot", "dashdot", "longdash", "solid"];

/** The settings of more runs than these need the whole width. */
const FEW_RUNS = 3;

/** What is drawn: the chosen runs, their document, the cards by chart, and the two evaluations that are tested. */
const state = { key: "", data: null, cards: new Map(), pair: null, tested: "" };

export function mount(root) {
  onChosen(() => show(root));
  setInterval(() => document.hidden || (anyLives() && show(root, true)), LOOK_MILLISECONDS);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => state.data && draw(root));
}

const anyLives = () => (page.runs ?? []).some(({ id, status }) => chosen.runs.includes(id) && ALIVE.has(status));

async function show(root, anew = false) {
  const { runs } = chosen;
  const key = runs.join();
  part(root, "card").hidden = runs.length < 2;
  if (runs.length < 2 || (key === state.key && !anew)) return;
  state.key = key;
  try {
    const query = runs.map((run) => `run=${encodeURIComponent(run)}`).join("&");
    const [data] = await Promise.all([ask(`api/side-by-side?${query}`), loadPlotly(part(root, "card").dataset.plotly)]);
    if (state.key !== key) return;
    state.data = data;
    say(root, "");
    draw(root);
  } catch (error) {
    say(root, error.message);
  }
}

function say(root, text) {
  part(root, "said").hidden = !text;
  setText(part(root, "said"), text);
}

function draw(root) {
  drawLegend(part(root, "legend"));
  drawCharts(part(root, "curves"));
  drawConfig(part(root, "config"));
  drawPair(root);
}

function drawLegend(element) {
  const items = state.data.runs.map((run, index) =>
    el("a.beside-run", { href: pageAddress("run", { run }) }, swatch(index), run),
  );
  element.replaceChildren(el("h2", {}, "Side by side"), ...items);
}

function swatch(index) {
  return el("i.swatch.stroke", { "aria-hidden": "true", "data-dash": index % 6, style: { "--swatch": `var(--curve-${(index % 6) + 1})` } });
}

function drawCharts(container) {
  const known = state.data.charts.filter(({ curves }) => curves.some(({ steps }) => steps.length));
  for (const chart of known) if (!state.cards.has(chart.id)) state.cards.set(chart.id, newCard(chart));
  const elements = known.map(({ id }) => state.cards.get(id).element);
  if (elements.some((element, index) => element !== container.children[index]) || elements.length !== container.childElementCount) {
    container.replaceChildren(...elements);
  }
  const cards = known.map((chart) => Object.assign(state.cards.get(chart.id), { chart }));
  // All legends before any plot: they say how much room there is.
  for (const card of cards) read(card, null);
  for (const card of cards) drawChart(card);
}

function newCard({ id, title, meaning }) {
  const [plot, legend] = [el("div.plot", { role: "img", "aria-label": title }), el("div.legend.number")];
  const line = el("div.cursor-line", { hidden: true });
  const head = el("div.curve-title", { title: meaning }, el("h2", {}, title));
  const card = { plot, legend, line, chart: null, element: el("div.curve.card", { "data-chart": id }, head, legend, el("div.plot-space", {}, plot, line)) };
  plot.addEventListener("pointermove", (event) => point(stepUnder(card, event)));
  plot.addEventListener("pointerleave", () => point(null));
  return card;
}

function drawChart(card) {
  const { chart } = card;
  const traces = chart.curves.flatMap((curve, index) => tracesOf(chart, curve, index));
  Plotly.react(card.plot, traces, layoutOf(chart), CONFIG);
  read(card, null);
}

function tracesOf({ evaluated }, { steps, values }, index) {
  const smooths = !evaluated && values.length >= FEW;
  const line = { color: colour(`curve-${(index % 6) + 1}`), dash: DASHES[index % 6] };
  const base = { type: "scatter", x: steps, hoverinfo: "skip", showlegend: false };
  const main = { ...base, mode: smooths ? "lines" : "lines+markers", y: smooths ? smoothed(values, SMOOTH) : values, line: { ...line, width: 2 }, marker: { size: 6 } };
  return smooths ? [{ ...base, mode: "lines", y: values, opacity: 0.22, line: { ...line, width: 1, dash: "solid" } }, main] : [main];
}

function layoutOf({ unit }) {
  const small = { color: colour("soft"), size: 11 };
  const axis = { gridcolor: colour("line"), linecolor: colour("line"), zeroline: false, tickfont: small, automargin: true };
  const clear = "rgba(0,0,0,0)";
  return {
    uirevision: state.key,
    margin: { l: 40, r: 10, t: 8, b: 22 },
    paper_bgcolor: clear,
    plot_bgcolor: clear,
    font: { family: colour("sans"), size: 12, color: colour("ink") },
    hovermode: false,
    dragmode: "zoom",
    xaxis: { ...axis, rangemode: "nonnegative" },
    yaxis: { ...axis, rangemode: "tozero", tickformat: unit === "rate" ? "~%" : "" },
  };
}

function stepUnder({ plot, chart }, { clientX }) {
  const axis = plot._fullLayout?.xaxis;
  if (!axis || !chart) return null;
  const wanted = axis.p2d(clientX - plot.getBoundingClientRect().left - axis._offset);
  const steps = chart.curves.map(({ steps: own }) => own[nearestPlace(own, wanted)]).filter((step) => step !== undefined);
  return steps.length ? steps.reduce((best, step) => (Math.abs(step - wanted) < Math.abs(best - wanted) ? step : best)) : null;
}

function point(step) {
  for (const card of state.cards.values()) if (card.chart) read(card, step);
}

function read(card, step) {
  const { chart, legend, plot, line } = card;
  const values = chart.curves.map(({ steps, values: own }) => own[step === null ? own.length - 1 : nearestPlace(steps, step)]);
  legend.replaceChildren(...values.map((value, index) => el("span.legend-item", { title: state.data.runs[index] }, swatch(index), el("span.beside-name", {}, state.data.runs[index]), el("b", {}, shownValue(chart, value)))));
  const axis = plot._fullLayout?.xaxis;
  const at = axis && step !== null ? axis._offset + axis.d2p(step) : null;
  line.hidden = at === null || at < axis._offset - 1 || at > axis._offset + axis._length + 1;
  if (!line.hidden) line.style.transform = `translateX(${at}px)`;
}

function drawConfig(element) {
  const { runs, config } = state.data;
  element.closest(".beside-below").dataset.many = runs.length > FEW_RUNS;
  if (!config.length) return element.replaceChildren(el("p.soft", {}, "All settings are the same."));
  const head = el("tr", {}, el("th", { scope: "col" }, "setting"), ...runs.map((run, index) => el("th", { scope: "col" }, swatch(index), ` ${run}`)));
  const rows = config.map(({ key, values }) => el("tr", {}, el("th", { scope: "row" }, key), ...values.map((value) => el("td", {}, value ?? "—"))));
  return element.replaceChildren(el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows)));
}

/** Two selects with every evaluation of the chosen runs; the newest of the first two runs to begin with. */
function drawPair(root) {
  const { runs, evaluated } = state.data;
  const options = runs.flatMap((run, index) => evaluated[index].toReversed().map((step) => `${run}/step/${step}`));
  const newest = runs.map((run, index) => (evaluated[index].length ? `${run}/step/${evaluated[index].at(-1)}` : null)).filter(Boolean);
  const pair = part(root, "pair");
  pair.hidden = newest.length < 2;
  if (newest.length < 2) return part(root, "test").replaceChildren(el("p.soft", {}, "At least two of the runs need an evaluation on held-out problems."));
  if (!state.pair || !state.pair.every((reference) => options.includes(reference))) state.pair = newest.slice(0, 2);
  const pick = (index, name) =>
    el("label.field", {}, el("span", {}, name), el("select", { onchange: (event) => retest(root, index, event.target.value) }, ...options.map((value) => el("option", { value, selected: value === state.pair[index] }, value))));
  pair.replaceChildren(pick(0, "First"), pick(1, "Second"));
  return test(root);
}

function retest(root, index, reference) {
  state.pair[index] = reference;
  test(root);
}

async function test(root) {
  const [first, second] = state.pair;
  const key = `${first} ${second}`;
  if (state.tested === key) return;
  state.tested = key;
  const element = part(root, "test");
  try {
    const found = await ask(`api/compare?first=${encodeURIComponent(first)}&second=${encodeURIComponent(second)}`);
    if (state.tested === key) element.replaceChildren(...found.measures.map(measureElement), ...found.summary.map((said) => el("p", {}, said)));
  } catch (error) {
    if (state.tested === key) element.replaceChildren(el("p.tone-bad.said", {}, error.message));
  }
}

function measureElement({ key, first, second, difference, ci95, p, wins, losses, n, noise }) {
  const [low, high] = ci95.map((bound) => signed(bound * 100, 1));
  const mark = noise ? "≈ noise" : difference > 0 ? "↗ second better" : "↘ first better";
  return el(
    "div.measure",
    {},
    el("b", {}, key),
    el("span.number", {}, `${percent(first)} → ${percent(second)}`),
    el("span.number", { title: `95 % interval ${low} to ${high} points` }, `${signed(difference * 100, 1)} pts (${low} to ${high})`),
    el("span.number", { title: "Two-sided, paired permutation test over problems" }, p < 0.0001 ? "p < 0.0001" : `p = ${p.toPrecision(2)}`),
    el("span.number.soft", {}, `better on ${wins}, worse on ${losses} of ${n}`),
    el(`span.badge.tone-${noise ? "muted" : difference > 0 ? "good" : "bad"}`, {}, mark),
  );
}
