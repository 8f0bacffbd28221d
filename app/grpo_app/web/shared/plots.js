// From a chart's description and the model to Plotly's traces and layout. Pure but for reading the page's colours.
"use strict";

import { rangeWithoutOutliers, smoothed } from "./curve_view.js";
import { readable } from "./dom.js";
import { percent } from "./format.js";
import { pointsOfSeries } from "./model.js";
import { thinArea, thinLine } from "./thin.js";

const DASHES = ["solid", "dash", "dot", "dashdot", "longdash", "solid"];
/** Areas are told apart without colour, too. */
const PATTERNS = ["", "/", "x", ".", "-", "|"];
/** A few points do not need smoothing. */
const FEW = 12;

export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** A colour of the page (`#rrggbb`) as Plotly takes it. */
export function translucent(color, share) {
  const parts = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
  return `rgba(${parts.join(", ")}, ${share})`;
}

/** The curves of a chart as data: `{series, steps, values, color, dash}`; stacked ones share their steps. */
export function curvesOf(chart, model) {
  const curves = chart.series.map((series, index) => ({
    series,
    ...pointsOf(series, model),
    color: series.tone ? toneColour(series) : `curve-${(index % 6) + 1}`,
    dash: DASHES[index % DASHES.length],
    pattern: PATTERNS[index % PATTERNS.length],
  }));
  return chart.form === "lines" ? curves : aligned(curves, chart.form === "share");
}

/** Outcomes of the same tone still differ. */
function toneColour({ tone, key }) {
  if (key.endsWith("/no_answer")) return "curve-3";
  if (key.endsWith("/timeout")) return "curve-4";
  return tone;
}

function pointsOf(series, model) {
  if (series.origin === "metric") return pointsOfSeries(model, series.key);
  const known = model.evals.filter((evaluation) => (evaluation[series.key] ?? null) !== null);
  return { steps: known.map(({ step }) => step), values: known.map((evaluation) => evaluation[series.key]) };
}

/** All curves over the same steps, 0 where one has none; as shares of their sum if asked for. */
function aligned(curves, asShares) {
  const steps = [...new Set(curves.flatMap((curve) => curve.steps))].sort((a, b) => a - b);
  const rows = curves.map(({ steps: own, values }) => {
    const known = new Map(own.map((step, place) => [step, values[place]]));
    return steps.map((step) => known.get(step) ?? 0);
  });
  const sums = steps.map((_, place) => rows.reduce((sum, row) => sum + row[place], 0) || 1);
  return curves.map((curve, index) => ({
    ...curve,
    steps,
    values: asShares ? rows[index].map((value, place) => value / sums[place]) : rows[index],
  }));
}

/** Plotly's traces: for smoothed curves the raw one faintly behind; a band for the interval of pass@1. */
export function tracesOf(chart, curves, evals, view) {
  if (chart.form !== "lines") return curves.map((curve) => areaOf(curve, view));
  const lines = curves.flatMap((curve, index) => linesOf(chart, curve, index, view));
  return chart.id === "learning" ? [...bandOf(evals), ...lines, ...baseOf(evals)] : lines;
}

function linesOf(chart, curve, index, view) {
  const evaluated = curve.series.origin === "evaluation";
  const smooths = view.smooth > 0 && !evaluated && curve.values.length >= FEW;
  const main = {
    type: "scatter",
    mode: evaluated || curve.steps.length < 3 ? "lines+markers" : "lines",
    name: withoutMarkup(curve.series.label),
    ...thinLine(curve.steps, smooths ? smoothed(curve.values, view.smooth) : curve.values, view.steps),
    line: { color: colour(curve.color), width: evaluated && index === 0 ? 2.6 : 1.8, dash: curve.dash },
    marker: { size: 6 },
    cliponaxis: !evaluated,
    hoverinfo: "skip",
  };
  if (!smooths) return [main];
  const raw = thinLine(curve.steps, curve.values, view.steps);
  return [{ ...main, ...raw, opacity: 0.28, line: { color: colour(curve.color), width: 1 } }, main];
}

/** Plotly reads some markup in the names that it draws in a picture's legend. */
function withoutMarkup(text) {
  return readable(text).replace(/[<>&$]/g, "·");
}

function areaOf(curve, view) {
  const smooths = view.smooth > 0 && curve.values.length >= FEW;
  const color = colour(curve.color);
  return {
    type: "scatter",
    mode: "lines",
    name: withoutMarkup(curve.series.label),
    ...thinArea(curve.steps, smooths ? smoothed(curve.values, view.smooth) : curve.values, view.steps),
    stackgroup: "all",
    line: { color, width: 0.8 },
    fillcolor: translucent(color, 0.4),
    fillpattern: { shape: curve.pattern, fgcolor: color, size: 7, solidity: 0.18, fillmode: "overlay" },
    hoverinfo: "skip",
  };
}

function bandOf(evals) {
  const x = evals.map(({ step }) => step);
  const edge = { type: "scatter", mode: "lines", x, line: { width: 0 }, hoverinfo: "skip", showlegend: false };
  return [
    { ...edge, y: evals.map(({ ci95 }) => ci95[0]) },
    { ...edge, y: evals.map(({ ci95 }) => ci95[1]), fill: "tonexty", fillcolor: colour("band") },
  ];
}

/** The value before any training, where the first evaluation was made at step 0: a line to compare with. */
function baseOf(evals) {
  const [base] = evals;
  const last = evals.at(-1);
  if (!base || base.step !== 0 || base.greedy === null || evals.length < 2) return [];
  const line = { color: colour("soft"), width: 1, dash: "dash" };
  const ends = { x: [0, last.step], y: [base.greedy, base.greedy] };
  return [{ type: "scatter", mode: "lines", name: "before training, greedy", ...ends, line, hoverinfo: "skip" }];
}

/** What one number of a chart reads like. */
export function shownValue(chart, value) {
  if (value === null || value === undefined) return "—";
  if (chart.unit === "rate") return percent(value);
  const size = Math.abs(value);
  const text = size !== 0 && (size < 0.001 || size >= 1e6) ? value.toExponential(1) : String(Number(value.toPrecision(3)));
  return `${text.replace("-", "−")}${chart.unit ? ` ${chart.unit}` : ""}`;
}

/** The layout; `lastStep` is the newest step drawn. What a person zoomed to stays for as long as `runId` is the same. */
export function layoutOf(chart, curves, runId, lastStep, view) {
  const grid = colour("line");
  const small = { color: colour("soft"), size: 11 };
  const axis = { gridcolor: grid, linecolor: grid, zeroline: false, tickfont: small, automargin: true };
  return {
    uirevision: runId,
    margin: { l: 40, r: 10, t: 8, b: 22 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: colour("sans"), size: 12, color: colour("ink") },
    showlegend: false,
    hovermode: false,
    dragmode: "zoom",
    xaxis: { ...axis, ...wholeSteps(lastStep), ...zoomed(view.steps), rangemode: "nonnegative" },
    yaxis: { ...axis, ...valueAxis(chart, curves, view), uirevision: `${runId} ${view.log} ${view.clip}` },
  };
}

/** The steps that a person zoomed to, in any of the curves. */
function zoomed(steps) {
  return steps ? { range: [...steps], autorange: false, uirevision: steps.join() } : { autorange: true, uirevision: "all" };
}

function valueAxis(chart, curves, { log, clip }) {
  const tickformat = chart.unit === "rate" ? "~%" : "";
  if (chart.form === "share") return { tickformat, range: [0, 1], autorange: false };
  if (log && chart.unit !== "rate" && chart.form === "lines") return { type: "log", dtick: 1, exponentformat: "power" };
  const range = clip ? rangeWithoutOutliers(curves.flatMap(({ values }) => values)) : null;
  if (range) return { tickformat, range: [range[0] < 0 ? range[0] : Math.max(0, range[0]), range[1]], autorange: false };
  return { tickformat, rangemode: "tozero", autorange: true };
}

/** The first few steps are few enough to give each its tick; Plotly would put some at 1.5. */
function wholeSteps(lastStep) {
  return lastStep < 8 ? { dtick: 1, tick0: 0 } : {};
}
