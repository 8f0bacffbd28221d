// The list: an element for each entry of the listing, made anew only if the entry changed.
"use strict";

import { el, oncePerFrame, part, setText } from "../shared/dom.js";
import { count } from "../shared/format.js";
import { entryContent } from "../shared/entry.js";
import { wireFilters } from "../shared/filters.js";
import { wireListKeys } from "../shared/list_keys.js";
import { activeFilters, holdList, listing, loadMore, onListing } from "../shared/listing.js";
import { showsNoRun } from "../shared/no_run.js";
import { leaveScope, onSelection, selectGroup, selection, setFollow, setScope } from "../shared/selection.js";
import { bringIntoSight } from "../shared/sight.js";
import { model, page, runIsKnown } from "../shared/stream.js";
import { words } from "../shared/site.js";

/** Scrolled down by more than this, a list is being read. */
const READ_PIXELS = 40;

/** Drawn entries by key: the entry and its element. */
let drawn = new Map();

export async function mount(root) {
  const codes = await words();
  const end = el("div.list-end.soft");
  part(root, "rows").append(end);
  const nearEnd = watchEnd(part(root, "rows"), loadMore);
  const draw = oncePerFrame(() => {
    drawEntries(part(root, "rows"), end, codes);
    drawTools(root);
    nearEnd.unobserve(end);
    nearEnd.observe(end);
  });
  wireTools(root);
  wireReading(part(root, "rows"), part(root, "newer"));
  wireFilters(root, codes);
  wireListKeys(root);
  onListing(draw);
  onSelection(draw);
  await runIsKnown;
}

/** Calls `load` when the end of the list comes into sight; observing anew asks again. */
function watchEnd(rows, load) {
  const whenSeen = (seen) => seen.some(({ isIntersecting }) => isIntersecting) && load();
  return new IntersectionObserver(whenSeen, { root: rows, rootMargin: "300px" });
}

function wireTools(root) {
  part(root, "follow").addEventListener("change", (event) => setFollow(event.target.checked));
  part(root, "leave").addEventListener("click", leaveScope);
  part(root, "step").addEventListener("change", (event) => {
    const step = event.target.value;
    if (/^\d{1,9}$/.test(step)) goToStep(Number(step));
  });
}

/** The list stands still while it is read; who follows the newest, or asks for newer ones, sees its top. */
function wireReading(rows, newer) {
  const look = () => holdList({ scrolled: rows.scrollTop > READ_PIXELS, focused: rows.contains(document.activeElement) });
  const toTop = () => {
    if (rows.contains(document.activeElement)) document.activeElement.blur();
    rows.scrollTop = 0;
    look();
  };
  for (const name of ["scroll", "focusin"]) rows.addEventListener(name, look, { passive: true });
  rows.addEventListener("focusout", () => requestAnimationFrame(look));
  newer.addEventListener("click", toTop);
  let followed = selection.follow;
  onSelection(({ follow }) => {
    if (follow && !followed) toTop();
    followed = follow;
  });
}

function goToStep(step) {
  Object.assign(selection, { group: null, completion: null, view: "all" });
  setScope({ step });
}

function drawTools(root) {
  part(root, "card").hidden = showsNoRun();
  part(root, "follow").checked = selection.follow;
  const { scope } = selection;
  part(root, "scope").hidden = scope === null || activeFilters().length > 0 || listing.query.q !== "";
  if (scope)
    setText(
      part(root, "scope-text"),
      `only ${scope.step === undefined ? `problem ${scope.problem}` : `step ${scope.step}`}`,
    );
  part(root, "newer").hidden = !listing.newer;
  const status = statusText();
  part(root, "status").hidden = !status;
  setText(part(root, "status"), status);
}

function statusText() {
  const { entries, done, total, indexed, groupsInAll, query } = listing;
  if (indexed !== null && indexed < groupsInAll)
    return `searched ${count(indexed)} of ${count(groupsInAll)} groups so far`;
  if ((!activeFilters().length && !query.q) || !entries.length) return "";
  const what = entries.at(-1)?.kind === "group" ? "groups" : "completions";
  if (total !== null) return `${count(total)} ${what}`;
  return done ? `${count(entries.length)} ${what}` : `${count(entries.length)} ${what} so far`;
}

function drawEntries(container, end, codes) {
  const { entries } = listing;
  const elements = entries.map((entry) => elementOf(entry, codes));
  const now = new Map(entries.map((entry, index) => [entry.key, { entry, element: elements[index] }]));
  for (const [key, { element }] of drawn) if (now.get(key)?.element !== element) element.remove();
  drawn = now;
  placeInOrder(container, elements, end);
  setText(end, endText());
}

function elementOf(entry, codes) {
  const before = drawn.get(entry.key);
  const marks = marksText(entry);
  const fresh = before && before.entry.row === entry.row && before.element.dataset.marks === marks;
  const element = fresh ? before.element : newElement(entry, codes, marks);
  const isCurrent = entry.group === selection.group && (entry.index === null || entry.index === selection.completion);
  element.setAttribute("aria-current", String(isCurrent));
  return element;
}

/** What is marked in a group: as text, so that a row is drawn anew when it changes. */
function marksText({ kind, group }) {
  if (kind === "mark") return "";
  return [...model.marks.values()]
    .filter((mark) => mark.group === group)
    .map(({ number }) => number)
    .join(" ");
}

function newElement(entry, codes, marks) {
  const name = `button.group-row${entry.row.superseded ? ".superseded" : ""}`;
  const pick = () => {
    selectGroup(entry.group, entry.index);
    bringIntoSight();
  };
  const properties = {
    type: "button",
    "data-group": entry.group,
    "data-k": entry.index,
    "data-marks": marks,
    onclick: pick,
  };
  return el(name, properties, ...entryContent(entry, codes));
}

function placeInOrder(container, elements, end) {
  let place = container.firstChild;
  for (const element of elements) {
    if (element === place) place = place.nextSibling;
    else container.insertBefore(element, place ?? end);
  }
  if (container.lastChild !== end) container.append(end);
}

function endText() {
  const { entries, done, query, trouble } = listing;
  if (trouble) return trouble;
  if (!page.runId) return "";
  const asked = activeFilters().length > 0 || query.q !== "";
  if (selection.scope && !asked) return entries.length ? "" : "No groups here.";
  if (!done) return asked ? "looking …" : "looking for older ones …";
  if (query.marked) return entries.length ? "" : "Nothing is marked so. Open a verdict and press w or s.";
  if (asked) return entries.length ? "That is all." : "Nothing fits.";
  return model.groups.size
    ? "This is where the run began."
    : "No groups yet: they appear when the first step is scored.";
}
