// The keys of the page of groups, and the dialog that lists them.
"use strict";

import { el, part } from "./dom.js";
import { bind, KEYS } from "./group_keys.js";
import { listing } from "./listing.js";
import { open } from "./open_group.js";
import { selectCompletion, selectGroup, selection, selectView, setFollow, setScope } from "./selection.js";
import { bringIntoSight } from "./sight.js";
import { ask, pageAddress } from "./site.js";

export function wireListKeys(root) {
  bind(["j", "ArrowDown", "n"], () => move(root, 1));
  bind(["k", "ArrowUp", "N"], () => move(root, -1));
  bind(["g"], () => pick(root, 0));
  bind(["G"], () => pick(root, listing.entries.length - 1));
  bind(["}"], () => moveGroup(1));
  bind(["{"], () => moveGroup(-1));
  bind(["]"], () => moveStep("later"));
  bind(["["], () => moveStep("earlier"));
  bind(
    [..."0123456789"],
    (key) => Number(key) < (open.group?.completions.length ?? 0) && selectCompletion(Number(key)),
  );
  bind(["Escape"], () => (selection.view === "all" ? false : selectView("all")));
  bind(["d"], () => selectView("compare"));
  bind(["i"], () => selectView("advantages"));
  bind(["/"], () => part(root, "q").focus());
  bind(["f", " "], () => {
    setFollow(!selection.follow);
  });
  bind(["l"], () => document.querySelector('#panel-sampling [data-part="fold"]')?.click());
  bind(["a"], askThis);
  bind(["?"], () => showKeys(root));
  part(root, "keys").addEventListener("click", () => showKeys(root));
}

function place() {
  const { group, completion } = selection;
  const exact = listing.entries.findIndex(
    (entry) => entry.group === group && (entry.index === null || entry.index === completion),
  );
  return exact >= 0 ? exact : listing.entries.findIndex((entry) => entry.group === group);
}

function move(root, by) {
  const at = place();
  pick(root, at < 0 ? 0 : Math.min(Math.max(at + by, 0), listing.entries.length - 1));
}

function pick(root, at) {
  const entry = listing.entries[at];
  if (!entry) return;
  selectGroup(entry.group, entry.index);
  bringIntoSight();
  requestAnimationFrame(() =>
    root.querySelector('.group-row[aria-current="true"]')?.scrollIntoView({ block: "nearest" }),
  );
}

/** Later is up in the list, which has the newest on top. */
function moveGroup(by) {
  const ids = [...new Set(listing.entries.map(({ group }) => group))].sort((a, b) => a - b);
  const next = by > 0 ? ids.find((id) => id > selection.group) : ids.findLast((id) => id < selection.group);
  if (next !== undefined) selectGroup(next);
}

/** The group that the last key led to, and its step: known before the group itself has come. `then` is the key that
 * came while another's answer was waited for: of several the last. */
const steps = { group: null, step: null, waits: false, then: null };

/** To the first group of the next step that has any, also one that is not listed. */
async function moveStep(towards) {
  if (steps.waits) {
    steps.then = towards;
    return;
  }
  steps.waits = true;
  await leadTo(towards).catch(() => {});
  const { then } = steps;
  Object.assign(steps, { waits: false, then: null });
  if (then) moveStep(then);
}

async function leadTo(towards) {
  const { run, scope, group } = selection;
  const here = scope?.step ?? (group === steps.group ? steps.step : open.group?.step);
  if (here === undefined || run === null) return;
  const { groups } = await ask(`api/runs/${run}/groups?step=${here}&towards=${towards}`);
  if (!groups.length || selection.group !== group) return;
  const same = groups.find(({ split }) => split === open.group?.split) ?? groups[0];
  Object.assign(steps, { group: same.id, step: same.step });
  if (scope?.step !== undefined) setScope({ step: same.step });
  selectGroup(same.id);
}

function askThis() {
  if (!open.group) return;
  const address = new URL(pageAddress("playground", { run: open.run }));
  location.href = `${address.href}&group=${open.run}/group/${open.group.id}`;
}

function showKeys(root) {
  const dialog = part(root, "keys-dialog");
  const rows = KEYS.map(([keys, meaning]) =>
    el(
      "div",
      {},
      el(
        "dt",
        {},
        ...keys
          .split(" ")
          .filter(Boolean)
          .map((key) => el("kbd", {}, key)),
      ),
      el("dd", {}, meaning),
    ),
  );
  const close = el("button.press", { type: "button", onclick: () => dialog.close() }, "Close");
  dialog.replaceChildren(el("h2", {}, "Keys"), el("dl", {}, ...rows), close);
  dialog.showModal();
}
