// A small panel that opens beside its button, above everything; Escape, or a click elsewhere, closes it.
"use strict";

import { el } from "./dom.js";

const EDGE = 10;

/** The button and its panel; `fill()` gives the panel's children whenever it opens. */
export function popover(button, label, fill) {
  const panel = el("div.popover", { popover: "auto", role: "dialog", "aria-label": label });
  button.setAttribute("aria-haspopup", "dialog");
  button.setAttribute("aria-expanded", "false");
  button.popoverTargetElement = panel;
  panel.addEventListener("beforetoggle", ({ newState }) => {
    button.setAttribute("aria-expanded", String(newState === "open"));
    if (newState === "open") panel.replaceChildren(...fill(() => panel.hidePopover()).filter(Boolean));
  });
  panel.addEventListener("toggle", ({ newState }) => newState === "open" && place(panel, button));
  return [button, panel];
}

function place(panel, button) {
  const { left, right, top, bottom } = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = panel;
  const below = bottom + 6 + height <= innerHeight - EDGE || top < innerHeight / 2;
  const x = left + width <= innerWidth - EDGE ? left : right - width;
  panel.style.left = `${Math.max(EDGE, Math.min(x, innerWidth - EDGE - width))}px`;
  panel.style.top = `${Math.max(EDGE, Math.min(below ? bottom + 6 : top - 6 - height, innerHeight - EDGE - height))}px`;
}
