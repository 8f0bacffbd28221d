// The tiles that `views.tiles` computed.
"use strict";

import { el, part } from "../shared/dom.js";
import { explainButton } from "../shared/explain.js";
import { count, number, percent, signed } from "../shared/format.js";
import { listen, model, page } from "../shared/stream.js";
import { words } from "../shared/site.js";

/** Tiles by key; a tile's parts change in place, so that an open explanation stays. */
const drawn = new Map();

export async function mount(root) {
  const { scopes } = await words();
  listen((change) => (change.tiles || change.whole) && draw(part(root, "tiles"), scopes));
}

function draw(container, scopes) {
  for (const tile of model.tiles) {
    if (!drawn.has(tile.key)) drawn.set(tile.key, newTile(tile, scopes));
    const { value, note } = drawn.get(tile.key);
    drawn.get(tile.key).tile = tile;
    value.replaceChildren(shownValue(tile));
    note.replaceChildren(noteOf(tile));
  }
  const elements = model.tiles.map(({ key }) => drawn.get(key).element);
  if (container.childElementCount !== elements.length) container.replaceChildren(...elements);
}

function newTile(tile, scopes) {
  const [value, note] = [el("div.tile-value.number"), el("div.tile-note.number")];
  const explain = explainButton(tile.label, scopes, () => [{ ...drawn.get(tile.key).tile, step: stepOf(tile), run: page.runId }]);
  const label = el("div.tile-label", {}, el("span", {}, tile.label), el("span", {}, ...explain));
  return { tile, value, note, element: el("div.tile.card", { "data-key": tile.key }, label, value, note) };
}

/** The newest step that the tile's number comes from; null for what is counted over the whole run. */
function stepOf({ key, unit }) {
  if (unit === "count") return null;
  const evaluated = model.evals.findLast((evaluation) => (evaluation[key] ?? null) !== null);
  return evaluated?.step ?? model.series.get(key)?.steps.at(-1) ?? null;
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
