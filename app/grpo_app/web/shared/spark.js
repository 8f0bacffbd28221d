// A small curve in a line of text.
"use strict";

import { colour } from "./plots.js";

const NAMESPACE = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, EDGE] = [110, 26, 2];

/** `values` as a line; `bounds` fixes the axis, null takes it from the values. The title is what is read aloud. */
export function sparkline(values, title, bounds = null) {
  const [low, high] = bounds ?? [Math.min(0, ...values), Math.max(...values)];
  const x = (index) => EDGE + (index / Math.max(1, values.length - 1)) * (WIDTH - 2 * EDGE);
  const y = (value) => HEIGHT - EDGE - ((value - low) / (high - low || 1)) * (HEIGHT - 2 * EDGE);
  const svg = made("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, role: "img", "aria-label": title, class: "spark" });
  const named = made("title");
  named.textContent = title;
  const points = values.map((value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  const line = made("polyline", { points, fill: "none", stroke: "currentColor", "stroke-width": 1.6, "stroke-linejoin": "round" });
  const end = values.length ? made("circle", { cx: x(values.length - 1), cy: y(values.at(-1)), r: 2.2, fill: "currentColor" }) : null;
  svg.append(...[named, line, end].filter(Boolean));
  svg.style.color = colour("accent");
  return svg;
}

function made(name, attributes = {}) {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
