// The tiles that `views.tiles` computed.
"use strict";

import { el, help, part } from "../shared/dom.js";
import { count, number, percent, signed } from "../shared/format.js";
import { listen, model } from "../shared/stream.js";

export function mount(root) {
  listen((change) => {
    if (change.tiles || change.whole) part(root, "tiles").replaceChildren(...model.tiles.map(tileElement));
  });
}

function tileElement(tile) {
  return el(
    "div.tile.card",
    { "data-key": tile.key },
    el("div.tile-label", {}, el("span", {}, tile.label), help(tile.meaning, keyLine(tile))),
    el("div.tile-value.number", {}, shownValue(tile)),
    el("div.tile-note.number", {}, noteOf(tile)),
  );
}

function keyLine({ key, unit }) {
  return unit === "count" ? "" : `key: ${key}`;
}

function shownValue({ unit, value }) {
  return unit === "rate" ? percent(value) : unit === "count" ? count(value) : number(value);
}

function noteOf(tile) {
  if (tile.unit === "count") return el("span.soft", {}, tile.key === "groups" ? "sampled" : "judged");
  if (tile.value === null) return el("span.soft", {}, "not known yet");
  return el("span", {}, deltaOf(tile), tile.low === null ? null : intervalOf(tile));
}

function deltaOf({ delta, unit, good }) {
  if (delta === null) return el("span.soft", {}, "first value");
  const shown = unit === "rate" ? `${signed(delta * 100, 0)} pts` : signed(delta);
  const way = Math.sign(delta) * good;
  const tone = Math.abs(delta) < 1e-9 || !way ? "muted" : way > 0 ? "good" : "bad";
  const arrow = Math.abs(delta) < 1e-9 ? "→" : delta > 0 ? "↗" : "↘";
  const title = `Change since the start of the run${unit === "rate" ? ", in percentage points" : ""}`;
  return el(`span.delta.tone-${tone}`, { title }, `${arrow} ${shown}`);
}

function intervalOf({ low, high }) {
  const text = ` · ${(low * 100).toFixed(0)}–${(high * 100).toFixed(0)} %`;
  return el("span.soft", { title: "95 % interval over the held-out problems" }, text);
}
