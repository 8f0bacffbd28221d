// Spans are in code points of the stored text; JavaScript's strings are UTF-16. Everything here is in code points.
"use strict";

/** The text as an array of code points, which a span can index. */
export function codePoints(text) {
  return Array.from(text);
}

/** The lines of `points` as `{start, end, text}`; the newlines belong to no line. */
export function linesOf(points) {
  const lines = [];
  let start = 0;
  for (let at = 0; at <= points.length; at += 1) {
    if (at < points.length && points[at] !== "\n") continue;
    lines.push({ start, end: at });
    start = at + 1;
  }
  return lines;
}

/** Cut `[start, end)` wherever one of `spans` begins or ends: `{start, end, within: [spans it lies in]}`. */
export function segments(start, end, spans) {
  const cuts = new Set([start, end]);
  for (const { span } of spans) for (const at of span) if (at > start && at < end) cuts.add(at);
  const places = [...cuts].sort((a, b) => a - b);
  return places.slice(0, -1).map((from, index) => {
    const to = places[index + 1];
    return { start: from, end: to, within: spans.filter(({ span }) => span[0] <= from && to <= span[1]) };
  });
}

export function slice(points, start, end) {
  return points.slice(start, end).join("");
}
