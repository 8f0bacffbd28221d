// The history: each question a row, its completions as squares; a click shows its answers again.
"use strict";

import { el, part } from "../shared/dom.js";
import { dateTime } from "../shared/format.js";
import { squares } from "../shared/group_row.js";
import { desk, loadAsked, onDesk, showAsked } from "../shared/desk.js";
import { ROOT, words } from "../shared/site.js";

const MOST_SQUARES = 16;

export async function mount(root) {
  const codes = await words();
  part(root, "export").href = new URL("api/playground/export", ROOT).href;
  part(root, "more").addEventListener("click", () => loadAsked(true));
  onDesk((what) => what.asked && drawRows(root, codes));
  loadAsked();
}

function drawRows(root, codes) {
  const rows = desk.asked.map((asked) => rowOf(asked, codes));
  part(root, "rows").replaceChildren(...(rows.length ? rows : [el("p.soft", {}, "Nothing yet.")]));
  part(root, "more").hidden = !desk.more;
  part(root, "export").hidden = !rows.length;
}

function rowOf(asked, codes) {
  const { question } = asked;
  const sides = [asked, ...asked.beside];
  const labels = sides.map((side) => side.question.subject.label).join("  beside  ");
  const when = dateTime(new Date(asked.asked_at * 1000).toISOString());
  return el(
    "button.asked-row",
    { type: "button", "aria-current": String(asked.id === desk.shown), onclick: () => showAsked(asked) },
    el("span.row-prompt", { title: question.prompt }, question.prompt.replace(/\s+/g, " ").slice(0, 200)),
    el("span.asked-what", {}, ...resultsOf(sides, codes)),
    el("span.soft.asked-where", { title: question.subject.path }, `${labels} · ${when}`),
  );
}

function countText(done, total) {
  return done.judged ? `${done.correct} of ${done.judged} right` : `${total} completions`;
}

/** A result a side; one word for a question that was cancelled, whichever side was being answered. */
function resultsOf(sides, codes) {
  if (sides.some(({ done }) => done?.cancelled)) return [el("span.soft", {}, "cancelled")];
  return sides.map((side) => resultOf(side, side.completions, codes));
}

function resultOf(asked, completions, codes) {
  if (asked.error) return el("span.failed", { title: asked.error }, "failed");
  if (asked.seconds === null) return el("span.soft", {}, "not answered yet");
  if (completions.length > MOST_SQUARES) return el("span.number", {}, countText(asked.done, completions.length));
  const outcomes = completions.map(({ verdict }) => verdict?.outcome ?? null);
  return squares({ outcomes, rewards: completions.map(({ reward }) => reward) }, codes.outcomes);
}
