// An entry of the list: a group, a completion that was found, or one that was marked.
"use strict";

import { el } from "./dom.js";
import { count, number } from "./format.js";
import { rowContent, square } from "./group_row.js";
import { flagElement, marksOf } from "./marks.js";
import { codePoints, segments, slice } from "./spans.js";

export function entryContent({ kind, row, group }, codes) {
  if (kind === "mark") return markContent(row, codes);
  if (kind === "completion") return completionContent(row, codes);
  const [step, main, end] = rowContent(row, codes);
  main.querySelector(".squares").append(...marksOf(group).map((mark) => flagElement(mark, codes)));
  return [step, main, end];
}

function completionContent(row, codes) {
  const mark = marksOf(row.group).find(({ index }) => index === row.index);
  const about = el(
    "span.entry-about",
    {},
    square(codes.outcomes[row.outcome], row.index, row.reward),
    `k${row.index}`,
    flagElement(mark, codes),
  );
  return [
    el("span.row-step.number", { title: `Group ${row.group}` }, `${row.split === "eval" ? "◇ " : ""}${row.step}`),
    el("span.row-main", {}, el("span.entry-snippet", { title: row.prompt }, ...snippetParts(row)), about),
    el(
      "span.row-end.number",
      {},
      el("span", { title: "Reward" }, number(row.reward)),
      el("span.row-mean", { title: "Tokens" }, `${count(row.token_count)} t`),
    ),
  ];
}

/** What was found stands out; places are code points of the snippet. */
function snippetParts({ snippet, marks, cut }) {
  const points = codePoints(snippet);
  const spans = marks.map((span) => ({ span }));
  const parts = segments(0, points.length, spans).map(({ start, end, within }) => {
    const text = slice(points, start, end).replace(/\s+/g, " ");
    return within.length ? el("mark.found", {}, text) : text;
  });
  return cut ? ["…", ...parts] : parts;
}

function markContent(mark, codes) {
  const word = codes.marks[mark.kind];
  return [
    el("span.row-step", {}, flagElement(mark, codes)),
    el(
      "span.row-main",
      {},
      el("span.row-prompt", {}, mark.note || word.label),
      el("span.soft.entry-about", {}, word.label),
    ),
    el("span.row-end.number", {}, `#${mark.group}`, el("span.row-mean", {}, `k${mark.index}`)),
  ];
}
