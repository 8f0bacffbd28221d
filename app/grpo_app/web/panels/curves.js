// Curves drawn by Plotly's own `react`, a few times a second at most. `uirevision` keeps a person's zoom.
"use strict";

import { atMostEvery, el, help, part, setText } from "../shared/dom.js";
import { listen, model, page } from "../shared/stream.js";
import { pageAddress, words } from "../shared/site.js";
import { layoutOf, tracesOf } from "../shared/plots.js";

// Plotly's own buttons could send a chart to its maker's site; dragging and double-clicking do all that is needed.
const CONFIG = { displayModeBar: false, responsive: true, scrollZoom: false };

const REDRAW_MILLISECONDS = 400;
const HOW_TO = "Drag to zoom, double-click to zoom out. A click on a point shows the groups of that step.";
/** Charts that answer whether it learns: a large one and two beside it. */
const FIRST_CHARTS = 3;

export async function mount(root) {
  const { charts } = await words();
  const cards = charts.map(chartCard);
  const elements = cards.map(({ card }) => card);
  const [first, rest] = [elements.slice(0, FIRST_CHARTS), elements.slice(FIRST_CHARTS)];
  part(root, "curves").append(el("div.curves-first", {}, ...first), el("div.curves-rest", {}, ...rest));
  await loadPlotly(part(root, "curves").dataset.plotly);
  const drawAll = atMostEvery(REDRAW_MILLISECONDS, () => cards.forEach(drawCard));
  listen((change) => {
    part(root, "curves").hidden = !page.runId;
    if (change.reset || change.metrics || change.evals || change.whole) drawAll();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
}

function loadPlotly(address) {
  if (window.Plotly) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const script = el("script", { src: address });
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => reject(new Error("The curves' library did not load.")));
    document.head.append(script);
  });
}

function chartCard(chart) {
  const lines = chart.series.map((series) => `${series.label}: ${series.meaning} (${series.key})`);
  const plot = el("div.plot", { role: "img", "aria-label": chart.title });
  const empty = el("p.plot-empty.soft");
  const title = el("div.curve-title", {}, el("h2", {}, chart.title), help(...lines, HOW_TO));
  const card = el("div.curve.card", { "data-chart": chart.id }, title, el("div.plot-space", {}, plot, empty));
  return { chart, card, plot, empty };
}

function drawCard({ chart, plot, empty }) {
  const traces = tracesOf(chart, model);
  const any = traces.some(({ x }) => x.length);
  empty.hidden = any;
  plot.style.visibility = any ? "visible" : "hidden";
  setText(empty, emptyText(chart));
  if (!any) return;
  const first = !plot.classList.contains("js-plotly-plot");
  const lastStep = Math.max(...traces.map(({ x }) => x.at(-1) ?? 0));
  Plotly.react(plot, traces, layoutOf(chart, page.runId, lastStep), CONFIG);
  if (first) plot.on("plotly_click", openStep);
}

function emptyText(chart) {
  const evaluated = chart.series.every(({ origin }) => origin === "evaluation");
  if (evaluated) return "No evaluation on held-out problems has been made yet.";
  return "Nothing logged yet: comes with the first step.";
}

/** A click on a curve leads to the groups that were sampled for that step. */
function openStep(event) {
  const step = event.points[0]?.x;
  if (Number.isInteger(step) && step > 0) location.href = pageAddress("groups", { run: page.runId, step });
}
