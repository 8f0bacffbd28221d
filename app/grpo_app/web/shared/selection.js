// Which group is looked at: the newest one while following, else the one that a person chose (and the address names).
"use strict";

import { listen, model, page } from "./stream.js";
import { validGroups } from "./model.js";
import { currentReference, rememberReference } from "./site.js";

const DWELL_MILLISECONDS = 1000;

/** `scope` is `{step}` or `{problem}` while the list shows only those groups, else null. */
export const selection = { run: null, follow: true, group: null, completion: null, scope: null };

const listeners = new Set();
let shownAt = 0;
let waiting = null;

/** Calls `listener(selection)` now and whenever it changes. */
export function onSelection(listener) {
  listeners.add(listener);
  listener(selection);
}

export function selectGroup(group, completion = null) {
  change({ follow: false, group, completion });
}

export function selectCompletion(completion) {
  change({ follow: false, completion });
}

export function setFollow(follow) {
  if (!follow) return change({ follow });
  change({ follow, scope: null, completion: null });
  return followNewest();
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
  const { run, follow, group, completion, scope } = selection;
  if (run === null) return;
  const what = follow ? {} : scope && group === null ? scope : { group, completion };
  rememberReference("groups", { run, ...what });
}

function begin() {
  const reference = currentReference();
  const ours = reference && page.runId.startsWith(reference.run) ? reference : {};
  const { step = null, problem = null, group = null, completion = null } = ours;
  const scope = step !== null ? { step } : problem !== null ? { problem } : null;
  change({ run: page.runId, follow: group === null && scope === null, group, completion, scope });
}

/** Shows the newest group that was sampled for training, but leaves each a moment to be seen. */
function followNewest() {
  if (!selection.follow || waiting !== null) return;
  const [newest] = validGroups(model, "train");
  if (!newest || newest.id === selection.group) return;
  const rest = selection.group === null ? 0 : shownAt + DWELL_MILLISECONDS - performance.now();
  if (rest > 0) {
    waiting = setTimeout(() => { waiting = null; followNewest(); }, rest);
    return;
  }
  shownAt = performance.now();
  change({ group: newest.id, completion: null });
}

listen((news) => {
  if (page.runId && page.runId !== selection.run) begin();
  if (news.groups) followNewest();
});
