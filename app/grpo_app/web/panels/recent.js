// The newest groups, each a link to its completions.
"use strict";

import { el, oncePerFrame, part } from "../shared/dom.js";
import { listen, model, page } from "../shared/stream.js";
import { ownSplit, validGroups } from "../shared/model.js";
import { rowContent } from "../shared/group_row.js";
import { pageAddress, words } from "../shared/site.js";

const SHOWN = 8;

export async function mount(root) {
  const codes = await words();
  const draw = oncePerFrame(() => drawRows(root, codes));
  listen((change) => (change.groups || change.reset || change.whole) && draw());
}

function drawRows(root, codes) {
  const rows = validGroups(model, ownSplit(model)).slice(0, SHOWN);
  part(root, "card").hidden = !rows.length;
  part(root, "all").href = pageAddress("groups", { run: page.runId });
  part(root, "rows").replaceChildren(...rows.map((row) => rowLink(row, codes)));
}

function rowLink(row, codes) {
  const href = pageAddress("groups", { run: page.runId, group: row.id });
  return el("a.group-row", { href, "data-group": row.id }, ...rowContent(row, codes));
}
