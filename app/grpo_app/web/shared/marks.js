// Marks: what a person thinks of single completions. All tabs see the same ones, through the live stream.
"use strict";

import { el } from "./dom.js";
import { model, page } from "./stream.js";
import { send } from "./site.js";

const keyOf = (group, index) => `${group}/k/${index}`;

/** The mark on a completion, or null. */
export function markOf(group, index) {
  return model.marks.get(keyOf(group, index)) ?? null;
}

/** The marks on a group's completions, by number. */
export function marksOf(group) {
  return [...model.marks.values()].filter((mark) => mark.group === group).sort((a, b) => a.index - b.index);
}

/** Mark a completion; `kind` null takes the mark back. This tab knows it at once, the others by the stream. Throws an
 * Error with the server's sentence. */
export async function setMark(run, group, index, kind, note = "") {
  const { mark } = await send(`api/runs/${run}/group/${group}/k/${index}/mark`, { kind, note });
  if (page.runId !== run) return;
  if (mark) model.marks.set(keyOf(group, index), mark);
  else model.marks.delete(keyOf(group, index));
}

/** A small flag for a mark, with its note on hover; null without one. */
export function flagElement(mark, codes) {
  if (!mark) return null;
  const word = codes.marks[mark.kind];
  const title = `Marked ${word.label}${mark.note ? `: ${mark.note}` : ""}`;
  return el(`span.flag.tone-${word.tone}`, { title, role: "img", "aria-label": title }, word.mark);
}
