// What of a long curve is drawn: a card has fewer pixels than a run has steps, and every point costs at each redraw. Pure.
"use strict";

const STRETCHES = 300;
const STRETCHES_BEYOND = 30;

/** `{x, y}` of a line: of each stretch its lowest and its highest point, so that no spike is lost, and the newest one.
 * What lies beyond the steps that are looked at (`[first, last]`, null for all of them) gets few. */
export function thinLine(steps, values, looked) {
  const places = stretchesOf(steps, looked).flatMap((stretch) => extremes(values, ...stretch));
  if (places.length && places.at(-1) !== steps.length - 1) places.push(steps.length - 1);
  return { x: places.map((place) => steps[place]), y: places.map((place) => values[place]) };
}

/** `{x, y}` of an area: each stretch's mean, at its last step, so that areas over the same steps still add up. */
export function thinArea(steps, values, looked) {
  const stretches = stretchesOf(steps, looked);
  return { x: stretches.map(([, until]) => steps[until - 1]), y: stretches.map((stretch) => mean(values.slice(...stretch))) };
}

/** Places `[from, until)`, alike in size; of a curve of few points each has one. */
function stretchesOf(steps, looked) {
  const from = looked ? placeOf(steps, looked[0]) : 0;
  const until = looked ? placeOf(steps, looked[1] + 1) : steps.length;
  return [
    ...split(0, from, STRETCHES_BEYOND),
    ...split(from, until, STRETCHES),
    ...split(until, steps.length, STRETCHES_BEYOND),
  ];
}

function placeOf(steps, step) {
  const place = steps.findIndex((other) => other >= step);
  return place < 0 ? steps.length : place;
}

function split(from, until, most) {
  const size = Math.ceil((until - from) / most);
  const found = [];
  for (let at = from; at < until; at += size) found.push([at, Math.min(at + size, until)]);
  return found;
}

function extremes(values, from, until) {
  let [low, high] = [from, from];
  for (let at = from + 1; at < until; at += 1) {
    if (values[at] < values[low]) low = at;
    if (values[at] > values[high]) high = at;
  }
  return low === high ? [low] : [Math.min(low, high), Math.max(low, high)];
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
