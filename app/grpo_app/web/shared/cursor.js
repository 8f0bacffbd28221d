// One cursor over all curves and the step bar: a step, where the mouse or the keys put it. Nothing is drawn here.
"use strict";

/** The step that is looked at, or null. */
export const cursor = { step: null };

const listeners = new Set();
let asked = false;

export function onCursor(listener) {
  listeners.add(listener);
}

/** However often a mouse moves, all draw once a frame. */
export function setCursor(step) {
  if (step === cursor.step) return;
  cursor.step = step;
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    for (const listener of listeners) listener(cursor.step);
  });
}

/** The place in sorted `steps` that is nearest to `step`; −1 if there are none. */
export function nearestPlace(steps, step) {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] < step) low = middle + 1;
    else high = middle;
  }
  const before = low - 1;
  if (before < 0) return low < steps.length ? low : -1;
  return low < steps.length && steps[low] - step < step - steps[before] ? low : before;
}
