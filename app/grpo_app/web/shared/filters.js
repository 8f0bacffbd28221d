// The list's filters: fields that follow the query, and the query that follows the fields.
"use strict";

import { el, part, setText } from "./dom.js";
import { activeFilters, clearQuery, listing, lookFor, onListing } from "./listing.js";
import { ROOT, ask } from "./site.js";
import { ownSplit } from "./model.js";
import { listen, model, page } from "./stream.js";

const SORTS = [
  ["newest", "newest first"],
  ["longest", "longest completions first"],
  ["shortest", "shortest completions first"],
  ["highest", "highest reward first"],
  ["lowest", "lowest reward first"],
];
const ANY = ["", "any"];
const HELD_OUT = "◇ held-out";
/** Below this width the filters would push everything else out of sight. */
const NARROW = 900;
const TYPING_MILLISECONDS = 350;
/** Source and level are one choice. */
const BETWEEN = "\u001f";

export function wireFilters(root, codes) {
  const coded = (words) => Object.entries(words).map(([code, { mark, label }]) => [code, `${mark} ${label}`]);
  const fill = (name, options) =>
    field(root, name).append(...options.map(([value, text]) => el("option", { value }, text)));
  fill("split", [
    ["own", "training"],
    ["eval", HELD_OUT],
    ["", "both"],
  ]);
  fill("signal", [ANY, ...coded(codes.signals)]);
  fill("outcome", [ANY, ...coded(codes.outcomes)]);
  fill("origin", [ANY]);
  fill("truncated", [ANY, ["false", "by itself"], ["true", "cut off"]]);
  fill("marked", [["", "either way"], ["any", "any mark"], ...coded(codes.marks)]);
  fill("sort", SORTS);
  wireFields(root);
  wireSearch(root);
  part(root, "clear").addEventListener("click", clearQuery);
  part(root, "filters").addEventListener("click", () => unfold(root, part(root, "form").hidden));
  if (activeFilters().length && innerWidth > NARROW) unfold(root, true);
  onListing(() => drawFields(root));
  listen((change) => change.whole && followRun(root));
}

const field = (root, name) => root.querySelector(`[data-field="${name}"]`);

function wireFields(root) {
  for (const control of root.querySelectorAll("[data-field]")) {
    control.addEventListener("change", () => {
      const { field: name } = control.dataset;
      if (name !== "origin") return lookFor({ [name]: control.value });
      const [source = "", level = ""] = control.value.split(BETWEEN);
      return lookFor({ source, level });
    });
  }
  part(root, "form").addEventListener("submit", (event) => event.preventDefault());
}

function wireSearch(root) {
  const search = () => lookFor({ q: part(root, "q").value });
  let waiting = null;
  part(root, "search").addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
  part(root, "q").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => part(root, "q").value !== listing.query.q && search(), TYPING_MILLISECONDS);
  });
  part(root, "q").addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    part(root, "q").value = "";
    search();
    part(root, "q").blur();
  });
}

function unfold(root, open) {
  if (open) askSources(root);
  part(root, "form").hidden = !open;
  part(root, "filters").setAttribute("aria-expanded", String(open));
}

function drawFields(root) {
  for (const control of root.querySelectorAll("[data-field]")) {
    const { query } = listing;
    const value = control.dataset.field === "origin" ? originValue(query) : query[control.dataset.field];
    if (document.activeElement !== control || control.tagName === "SELECT") control.value = value;
  }
  drawSplits(field(root, "split"));
  if (document.activeElement !== part(root, "q")) part(root, "q").value = listing.query.q;
  const active = activeFilters().length;
  setText(part(root, "filters"), active ? `Filter (${active})` : "Filter");
  part(root, "filters").classList.toggle("active", active > 0);
}

/** An evaluation on demand has held-out groups alone. */
function drawSplits(select) {
  const evaluates = ownSplit(model) === "eval";
  setText(select.options[0], evaluates ? HELD_OUT : "training");
  select.options[1].hidden = evaluates;
}

const originValue = ({ source, level }) => (source ? (level ? `${source}${BETWEEN}${level}` : source) : "");

let known = null;

function followRun(root) {
  if (!page.runId) return;
  part(root, "export").href = new URL(`api/runs/${page.runId}/marks.jsonl`, ROOT).href;
  if (!part(root, "form").hidden) askSources(root);
}

/** Its value is compared, not shown: it stays as it is. */
function originOption({ source, level }) {
  const option = el("option", {}, level ? `${source}, ${level}` : source);
  option.value = originValue({ source, level });
  return option;
}

/** What the run's problems come from; it grows while the run trains, so it is asked for when the filters are opened. */
async function askSources(root) {
  const run = page.runId;
  if (!run) return;
  const answer = await ask(`api/runs/${run}/sources`).catch(() => null);
  const json = JSON.stringify([run, answer?.sources]);
  if (!answer || run !== page.runId || json === known) return;
  known = json;
  const options = answer.sources.map(originOption);
  field(root, "origin").replaceChildren(el("option", { value: "" }, "any"), ...options);
  drawFields(root);
}
