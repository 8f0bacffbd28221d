// The completions as cards; an unchanged card stays as it is, with its scroll and selection.
"use strict";

import { part } from "../shared/dom.js";
import { completionCard } from "../shared/completion.js";
import { onGroup, open } from "../shared/open_group.js";
import { onSelection, selectCompletion, selection } from "../shared/selection.js";
import { words } from "../shared/site.js";

/** What is drawn: the run and group, and for each completion its JSON and card. */
const drawn = { run: null, group: null, cards: [] };

export async function mount(root) {
  const codes = await words();
  onGroup(() => draw(root, codes));
  onSelection(() => draw(root, codes));
}

function draw(root, codes) {
  const { group, run } = open;
  const container = part(root, "completions");
  container.hidden = selection.view !== "all" || !group;
  if (container.hidden) return;
  if (drawn.run !== run || drawn.group !== group.id) Object.assign(drawn, { run, group: group.id, cards: [] });
  container.classList.toggle("superseded", group.superseded);
  drawn.cards = group.completions.map((completion, index) => cardOf(completion, group, codes, drawn.cards[index]));
  const cards = drawn.cards.map(({ card }) => card);
  const same = cards.length === container.childElementCount && cards.every((card, i) => card === container.children[i]);
  if (!same) container.replaceChildren(...cards);
}

function cardOf(completion, group, codes, before) {
  const json = JSON.stringify(completion);
  if (before?.json === json) return before;
  return { json, card: completionCard(completion, group, codes, selectCompletion) };
}
