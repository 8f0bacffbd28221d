// The list of groups: rows from the stream on top, older ones paged in when a person scrolls down to them.
"use strict";

import { el, oncePerFrame, part, setText } from "../shared/dom.js";
import { listen, model, page } from "../shared/stream.js";
import { newestGroups, ownSplit } from "../shared/model.js";
import { rowContent } from "../shared/group_row.js";
import { leaveScope, onSelection, selectGroup, selection, setFollow } from "../shared/selection.js";
import { bringIntoSight } from "../shared/sight.js";
import { ask, words } from "../shared/site.js";

const PAGE_ROWS = 60;
const ROWS_WHILE_FOLLOWING = 300;
/** What may be listed. One split at a time: an evaluation samples more groups at once than training does in an hour. */
const FILTERS = [
  { text: "training", split: "train", signal: null },
  { text: "◐ mixed: they teach", split: "train", signal: "mixed" },
  { text: "○ all wrong", split: "train", signal: "all_wrong" },
  { text: "● all correct", split: "train", signal: "all_correct" },
  { text: "◇ held-out", split: "eval", signal: null },
];

const HELD_OUT = FILTERS.at(-1);

/** State of the list besides the model: drawn rows by id, rows of the scope, and which splits have older rows. */
const list = { drawn: new Map(), scoped: null, filter: FILTERS[0], more: allMore(), asking: false, run: null, evaluates: false };

function allMore() {
  return { train: true, eval: true };
}

export async function mount(root) {
  const codes = await words();
  const end = el("div.list-end.soft");
  part(root, "rows").append(end);
  const nearEnd = watchEnd(part(root, "rows"), () => loadOlder(draw));
  const draw = oncePerFrame(() => {
    drawRows(part(root, "rows"), end, codes);
    nearEnd.unobserve(end);
    nearEnd.observe(end);
  });
  wireTools(root, draw);
  listen((change) => {
    if (change.whole || change.reset) list.more = allMore();
    if (change.reset) list.scoped = null;
    if (change.reset && selection.scope) showScope(root, draw);
    if (change.whole || change.run) suitRun(part(root, "filter"));
    if (change.groups || change.whole || change.runs) draw();
  });
  onSelection(() => {
    showScope(root, draw);
    draw();
  });
}

/** Calls `load` when the end of the list comes into sight; observing anew asks again. */
function watchEnd(rows, load) {
  const whenSeen = (seen) => seen.some(({ isIntersecting }) => isIntersecting) && load();
  return new IntersectionObserver(whenSeen, { root: rows, rootMargin: "300px" });
}

function wireTools(root, draw) {
  const filter = part(root, "filter");
  filter.append(...FILTERS.map(({ text }, index) => el("option", { value: index }, text)));
  filter.addEventListener("change", () => {
    list.filter = FILTERS[filter.value];
    draw();
  });
  part(root, "follow").addEventListener("change", (event) => setFollow(event.target.checked));
  part(root, "leave").addEventListener("click", leaveScope);
  part(root, "rows").addEventListener("keydown", moveByKey);
}

/** An evaluation on demand has held-out groups alone: they are listed without being asked for. */
function suitRun(filter) {
  const evaluates = ownSplit(model) === "eval";
  if (evaluates === list.evaluates) return;
  list.evaluates = evaluates;
  list.filter = evaluates ? HELD_OUT : FILTERS[0];
  filter.value = FILTERS.indexOf(list.filter);
}

function moveByKey(event) {
  const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
  const buttons = [...event.currentTarget.querySelectorAll(".group-row")];
  const next = step && buttons[buttons.indexOf(document.activeElement) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.click();
}

async function showScope(root, draw) {
  part(root, "follow").checked = selection.follow;
  const { scope, run } = selection;
  part(root, "scope").hidden = scope === null;
  if (scope === null) {
    list.scoped = null;
    return;
  }
  const only = scope.step === undefined ? `problem ${scope.problem}` : `step ${scope.step}`;
  setText(part(root, "scope-text"), `only ${only}`);
  const key = JSON.stringify([run, scope]);
  if (list.scoped?.key === key) return;
  list.scoped = { key, rows: [] };
  const [name, value] = Object.entries(scope)[0];
  const answer = await ask(`api/runs/${run}/groups?${name}=${encodeURIComponent(value)}`).catch(() => ({ groups: [] }));
  list.scoped = { key, rows: answer.groups };
  if (selection.group === null && answer.groups.length) selectGroup(answer.groups[0].id);
  draw();
}

function drawRows(container, end, codes) {
  if (list.run !== page.runId) Object.assign(list, { run: page.runId, more: allMore() });
  if (selection.follow) forgetOldest();
  const rows = list.scoped?.rows ?? listedRows();
  const elements = rows.map((row) => elementOf(row, codes));
  const drawn = new Map(rows.map((row, index) => [row.id, { row, element: elements[index] }]));
  for (const [id, { element }] of list.drawn) if (drawn.get(id)?.element !== element) element.remove();
  list.drawn = drawn;
  placeInOrder(container, elements, end);
  setText(end, endText(rows));
}

function listedRows() {
  const { split, signal } = list.filter;
  return newestGroups(model, split).filter((row) => signal === null || row.signal === signal);
}

/** An element is made anew only if its row changed, so that the list neither flickers nor loses the focus. */
function elementOf(row, codes) {
  const before = list.drawn.get(row.id);
  const element = before?.row === row ? before.element : newElement(row, codes);
  element.setAttribute("aria-current", String(row.id === selection.group));
  return element;
}

function newElement(row, codes) {
  const name = `button.group-row${row.superseded ? ".superseded" : ""}`;
  const properties = { type: "button", "data-group": row.id, onclick: () => { selectGroup(row.id); bringIntoSight(); } };
  return el(name, properties, ...rowContent(row, codes));
}

function placeInOrder(container, elements, end) {
  let place = container.firstChild;
  for (const element of elements) {
    if (element === place) place = place.nextSibling;
    else container.insertBefore(element, place ?? end);
  }
  container.append(end);
}

/** While following, the list stays short; what is dropped can be paged in again. */
function forgetOldest() {
  for (const split of ["train", "eval"]) {
    const surplus = newestGroups(model, split).slice(ROWS_WHILE_FOLLOWING);
    for (const { id } of surplus) model.groups.delete(id);
    if (surplus.length) list.more[split] = true;
  }
}

function endText(rows) {
  if (list.scoped || !page.runId) return rows.length || !page.runId ? "" : "No groups here.";
  if (list.more[list.filter.split]) return "looking for older ones …";
  if (rows.length) return "This is where the run began.";
  return model.groups.size ? "No such groups." : "No groups yet: they appear when the first step is scored.";
}

async function loadOlder(draw) {
  const { split } = list.filter;
  const run = page.runId;
  if (list.asking || !list.more[split] || list.scoped || !model.run) return;
  list.asking = true;
  try {
    const oldest = newestGroups(model, split).at(-1);
    const before = oldest ? `&before=${oldest.id}` : "";
    const answer = await ask(`api/runs/${run}/groups?split=${split}&limit=${PAGE_ROWS}${before}`);
    if (run !== page.runId) return;
    for (const row of answer.groups) model.groups.set(row.id, row);
    list.more[split] = answer.more;
    draw();
  } catch {
    list.more[split] = false;
  } finally {
    list.asking = false;
  }
}
