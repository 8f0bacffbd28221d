// Keeping a person's place among controls while what holds them is drawn anew.
"use strict";

const CONTROLS = "a[href], button, input, select, textarea, summary";

/** Draws, and puts the focus back to where it was: to the same control of the part with the same `data-keep`. */
export function keepingFocus(container, draw) {
  const { activeElement: focused } = document;
  const key = container.contains(focused) ? focused.closest("[data-keep]")?.dataset.keep : undefined;
  const place = key === undefined ? -1 : controlsOf(container, key).indexOf(focused);
  draw();
  if (place >= 0 && document.activeElement !== focused) controlsOf(container, key)[place]?.focus({ preventScroll: true });
}

/** Those of a part itself, not of parts within it. */
function controlsOf(container, key) {
  return [...container.querySelectorAll(CONTROLS)].filter((control) => control.closest("[data-keep]")?.dataset.keep === key);
}
