// The group that is looked at, asked for when it is selected and again when its row changes.
"use strict";

import { listen } from "./stream.js";
import { onSelection, selection } from "./selection.js";
import { ask } from "./site.js";

/** `group` is the whole group of `run`, null until it came; `missing` is why there is none. */
export const open = { run: null, group: null, missing: null };

const listeners = new Set();
let asking = null;
let again = false;

/** Calls `listener(open)` now and whenever the group changed or another one came. */
export function onGroup(listener) {
  listeners.add(listener);
  listener(open);
}

function tell(parts) {
  Object.assign(open, parts);
  for (const listener of listeners) listener(open);
}

async function load(anew) {
  const { run, group } = selection;
  if (group === null || run === null) {
    if (open.group || open.missing) tell({ run, group: null, missing: null });
    return;
  }
  if (!anew && open.run === run && open.group?.id === group) return;
  const key = `${run}/${group}`;
  if (asking === key) {
    again = true;
    return;
  }
  asking = key;
  await askFor(run, group);
  if (asking === key) asking = null;
  if (!again) return;
  again = false;
  load(true);
}

async function askFor(run, group) {
  const isWanted = () => selection.run === run && selection.group === group;
  try {
    const answer = await ask(`api/runs/${run}/group/${group}`);
    if (isWanted()) tell({ run, group: answer.group, missing: null });
  } catch (error) {
    if (isWanted()) tell({ run, group: null, missing: error.message });
  }
}

onSelection(() => load(false));
listen((change) => {
  if (change.reset || change.groups?.some(({ id }) => id === selection.group)) load(true);
});
