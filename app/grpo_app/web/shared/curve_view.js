// How a person looks at the curves: smoothed, on a log axis, without outliers, over which steps. Kept in the address.
"use strict";

import { parameter } from "./site.js";

export const DEFAULT_SMOOTH = 0.6;
const MOST_SMOOTH = 0.98;

export const curveView = { smooth: startingSmooth(), log: parameter("log") === "1", clip: parameter("clip") === "1", steps: startingSteps() };

const listeners = new Set();

function startingSmooth() {
  const asked = parameter("smooth");
  const value = asked === null || asked === "" ? Number.NaN : Number(asked);
  return value >= 0 && value <= MOST_SMOOTH ? value : DEFAULT_SMOOTH;
}

function startingSteps() {
  const match = /^(\d{1,9})-(\d{1,9})$/.exec(parameter("steps") ?? "");
  return match && Number(match[1]) < Number(match[2]) ? [Number(match[1]), Number(match[2])] : null;
}

/** Calls `listener(changed)` with the parts that a person changed. */
export function onCurveView(listener) {
  listeners.add(listener);
}

export function setCurveView(changed) {
  Object.assign(curveView, changed);
  for (const listener of listeners) listener(changed);
}

/** The parameters of the address; what is as it was at first is left out. */
export function curveParameters() {
  const { smooth, log, clip, steps } = curveView;
  return {
    smooth: smooth === DEFAULT_SMOOTH ? null : String(smooth),
    log: log ? "1" : null,
    clip: clip ? "1" : null,
    steps: steps ? steps.join("-") : null,
  };
}

/** An exponential moving average that begins unbiased: each value weighs `weight` times the one after it. */
export function smoothed(values, weight) {
  if (!weight) return values;
  let [sum, norm] = [0, 0];
  return values.map((value) => {
    sum = sum * weight + value * (1 - weight);
    norm = norm * weight + (1 - weight);
    return sum / norm;
  });
}

/** The range that holds all but the outermost hundredth at each end, widened a little; null if nothing lies outside. */
export function rangeWithoutOutliers(values) {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length < 20) return null;
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
  const [low, high] = [at(0.01), at(0.99)];
  const margin = (high - low || Math.abs(high) || 1) * 0.08;
  if (sorted[0] >= low - margin && sorted.at(-1) <= high + margin) return null;
  return [low - margin, high + margin];
}
