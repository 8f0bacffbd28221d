// From a chart's description and the model to Plotly's traces and layout. Pure but for reading the page's colours.
"use strict";

import { percent } from "./format.js";

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** The traces of a chart: a band for the interval of pass@1, a line a series, a mark at the base model's value. */
export function tracesOf(chart, model) {
  const lines = chart.series.map((series, index) => lineOf(chart, series, index, pointsOf(series, model)));
  if (chart.id !== "learning") return lines;
  return [...bandOf(model.evals), ...lines, ...baseOf(model.evals)];
}

function pointsOf(series, model) {
  if (series.origin === "metric") {
    const { steps, values } = model.series.get(series.key) ?? { steps: [], values: [] };
    return { x: steps.slice(), y: values.slice(), text: [] };
  }
  const known = model.evals.filter((evaluation) => (evaluation[series.key] ?? null) !== null);
  const y = known.map((evaluation) => evaluation[series.key]);
  const interval = ([low, high]) => `  (95 %: ${percent(low)} to ${percent(high)})`;
  const text = series.key === "pass@1" ? known.map(({ ci95 }) => interval(ci95)) : [];
  return { x: known.map(({ step }) => step), y, text };
}

function lineOf(chart, series, index, { x, y, text }) {
  const shown = chart.unit === "rate" ? "%{y:.1%}" : `%{y:.4~g}${chart.unit ? ` ${chart.unit}` : ""}`;
  const evaluated = series.origin === "evaluation";
  const width = evaluated && index === 0 ? 2.6 : 1.8;
  return {
    type: "scatter",
    mode: evaluated || x.length < 3 ? "lines+markers" : "lines",
    name: series.label,
    x,
    y,
    text,
    line: { color: colour(`curve-${index + 1}`), width, dash: evaluated && index === 2 ? "dot" : "solid" },
    marker: { size: 6 },
    cliponaxis: !evaluated,
    hovertemplate: `${series.label}: ${shown}${text.length ? "%{text}" : ""}<extra></extra>`,
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

/** The layout; `lastStep` is the newest step drawn. What a person zoomed to stays for as long as `runId` is the same. */
export function layoutOf(chart, runId, lastStep) {
  const grid = colour("line");
  const small = { color: colour("soft"), size: 11 };
  const axis = { gridcolor: grid, linecolor: grid, zeroline: false, tickfont: small, automargin: true };
  const title = { text: "step", font: small, standoff: 4 };
  const stepAxis = { title, unifiedhovertitle: { text: "<b>step %{x}</b>" }, ...wholeSteps(lastStep) };
  const several = chart.series.length > 1;
  return {
    uirevision: runId,
    margin: { l: 40, r: 10, t: several ? 26 : 8, b: 30 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: colour("sans"), size: 12, color: colour("ink") },
    showlegend: several,
    legend: { orientation: "h", traceorder: "normal", x: 0, y: 1.0, yanchor: "bottom", font: small },
    hovermode: "x unified",
    hoverlabel: { bgcolor: colour("card"), bordercolor: grid, font: { color: colour("ink"), size: 12 } },
    dragmode: "zoom",
    xaxis: { ...axis, ...stepAxis, rangemode: "nonnegative" },
    yaxis: { ...axis, rangemode: "tozero", tickformat: chart.unit === "rate" ? "~%" : "" },
  };
}

/** The first few steps are few enough to give each its tick; Plotly would put some at 1.5. */
function wholeSteps(lastStep) {
  return lastStep < 8 ? { dtick: 1, tick0: 0 } : {};
}
