// The settings of the run that is shown: on the folded line those that differ from the defaults, below it all of them.
"use strict";

import { el, part, setText } from "../shared/dom.js";
import { ask } from "../shared/site.js";
import { listen, model, page } from "../shared/stream.js";

let drawn = null;

export function mount(root) {
  listen((change) => {
    if (change.whole && model.run) draw(root);
    else if (change.whole) part(root, "card").hidden = true;
  });
}

async function draw(root) {
  const run = page.runId;
  const answer = await ask(`api/runs/${run}/settings`).catch(() => null);
  while (run === page.runId && !isAboveThere()) await new Promise(requestAnimationFrame);
  if (run !== page.runId) return;
  const groups = answer?.groups ?? [];
  const json = JSON.stringify(groups);
  part(root, "card").hidden = !groups.length;
  leadHere(root);
  if (json === drawn) return;
  drawn = json;
  const changed = groups.flatMap(({ settings }) => settings.filter((setting) => setting.changed));
  setText(part(root, "changed"), changed.map(({ key, value }) => `${key} ${oneLine(value)}`).join(" · "));
  part(root, "groups").replaceChildren(...groups.map(groupElement));
}

/** Whoever came before what stands above would be pushed down by it. */
const isAboveThere = () => document.querySelector("#panel-curves .curves")?.hidden === false;

/** From the head of the page, which is far above. */
function leadHere(root) {
  const card = part(root, "card");
  const link = document.querySelector('.progress [data-part="settings"]');
  if (!link) return;
  link.hidden = card.hidden;
  link.onclick = () => {
    card.open = true;
    card.scrollIntoView({ block: "start", behavior: "smooth" });
    card.querySelector("summary").focus({ preventScroll: true });
  };
}

const oneLine = (text) => text.replace(/\s+/g, " ").slice(0, 60);

function groupElement({ title, settings }) {
  return el("section", {}, el("h3", {}, title), el("dl", {}, ...settings.flatMap(rowOf)));
}

function rowOf({ key, label, help, value, default: usual, changed }) {
  const name = el("dt", { title: `${label}. ${help}` }, key);
  const note = changed && el("span.soft", {}, ` usually ${usual === "" ? "empty" : oneLine(usual)}`);
  const shown = value === "" ? el("span.soft", {}, "empty") : value;
  return [name, el("dd", { "data-changed": changed }, changed ? el("b", {}, shown) : shown, note)];
}
