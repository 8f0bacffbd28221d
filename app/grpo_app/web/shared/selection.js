// Which group is looked at and how: while following, the newest that is listed, else the one that a person chose (and
// the address names).
"use strict";

import { listen, page } from "./stream.js";
import { currentReference, parameter, parsedReference, referenceText, rememberParameters, rememberReference } from "./site.js";

const DWELL_MILLISECONDS = 1000;

/** Ways to look at a group besides its completions (`all`) and the verdict on one of them (`verdict`). */
const NAMED_VIEWS = new Set(["compare", "advantages"]);

/** `scope` is `{step}` or `{problem}` while the list shows only those groups, else null; `beside` is the reference of
 * what a completion is compared with. Where the address's reference names a group, its `only` is the scope. */
export const selection = {
  run: null,
  follow: true,
  group: null,
  completion: null,
  scope: null,
  view: "all",
  beside: null,
};

const listeners = new Set();
let shownAt = 0;
let waiting = null;
let newest = null;

/** Calls `listener(selection)` now and whenever it changes. */
export function onSelection(listener) {
  listeners.add(listener);
  listener(selection);
}

/** Show a group as the one before it was shown; `completion` opens the verdict on that one. */
export function selectGroup(group, completion = null) {
  const view = completion !== null ? "verdict" : selection.view;
  const kept = view === "verdict" ? (completion ?? selection.completion) : completion;
  change({ follow: false, group, completion: kept, view, beside: null });
}

/** The verdict on a completion, or with null all completions. */
export function selectCompletion(completion) {
  change({ follow: false, completion, view: completion === null ? "all" : "verdict", beside: null });
}

/** Look at the group in another way; `parts` may name what is compared. */
export function selectView(view, parts = {}) {
  change({ follow: false, completion: null, beside: null, ...parts, view });
}

export function setFollow(follow) {
  if (!follow) return change({ follow });
  const view = selection.view === "advantages" ? "advantages" : "all";
  return change({ follow, scope: null, completion: null, view, beside: null });
}

export function setScope(scope) {
  change({ scope, follow: false });
}

export function leaveScope() {
  change({ scope: null });
}

function change(parts) {
  Object.assign(selection, parts);
  remember();
  for (const listener of listeners) listener(selection);
}

function remember() {
  const { run, follow, group, completion, scope, view, beside } = selection;
  if (run === null) return;
  const what = follow ? {} : scope && group === null ? scope : { group, completion };
  const only = scope && group !== null ? referenceText({ run, ...scope }).slice(run.length + 1) : null;
  rememberParameters({ view: NAMED_VIEWS.has(view) ? view : null, beside, only });
  rememberReference("groups", { run, ...what });
}

function begin() {
  const reference = currentReference();
  const ours = reference && page.runId.startsWith(reference.run) ? reference : {};
  const { group = null, completion = null } = ours;
  const within = group === null ? ours : (parsedReference(`${ours.run}/${parameter("only")}`) ?? ours);
  const { step = null, problem = null } = within;
  const scope = step !== null ? { step } : problem !== null ? { problem } : null;
  const named = group !== null && NAMED_VIEWS.has(parameter("view")) ? parameter("view") : null;
  const view = named ?? (completion === null ? "all" : "verdict");
  const follow = group === null && scope === null;
  change({ run: page.runId, follow, group, completion, scope, view, beside: named ? parameter("beside") : null });
}

/** While following, show this group, the newest of those listed, but leave each a moment to be seen. */
export function followGroup(group) {
  newest = group;
  if (!selection.follow || waiting !== null || newest === null || newest === selection.group) return;
  const rest = selection.group === null ? 0 : shownAt + DWELL_MILLISECONDS - performance.now();
  if (rest > 0) {
    waiting = setTimeout(() => {
      waiting = null;
      followGroup(newest);
    }, rest);
    return;
  }
  shownAt = performance.now();
  change({ group, completion: null });
}

listen(() => {
  if (page.runId && page.runId !== selection.run) begin();
});
