// A completion's text with its lines marked beside the reference steps and the extracted answer marked in place.
"use strict";

import { el } from "./dom.js";
import { signed } from "./format.js";
import { codePoints, linesOf, segments, slice } from "./spans.js";

export function annotatedText({ text, verdict }, stepWords) {
  const points = codePoints(text);
  const steps = verdict?.steps ?? [];
  const answer = verdict?.span ? [{ span: verdict.span, answer: true }] : [];
  const lines = linesOf(points).map((line) => lineElement(points, line, steps, answer, stepWords));
  const shown = text ? lines : [el("p.soft", {}, "(empty)")];
  const name = steps.length ? "div.completion-text.with-steps" : "div.completion-text";
  return el(name, { tabindex: "0", "aria-label": "Text of the completion" }, ...shown);
}

function lineElement(points, line, steps, answer, stepWords) {
  const here = steps.filter(({ span }) => span[0] < line.end && line.start < span[1]);
  const beginning = here.filter(({ span }) => line.start <= span[0]);
  const cuts = segments(line.start, line.end, [...here, ...answer]);
  const pieces = cuts.map((piece) => pieceElement(points, piece, stepWords));
  const gutter = el("span.gutter", {}, ...beginning.map((step) => stepMark(step, stepWords[step.status])));
  const tone = here.length ? `.tone-${stepWords[here[0].status].tone}.step` : "";
  return el(`div.line${tone}`, {}, steps.length ? gutter : null, el("span.line-text", {}, ...pieces));
}

function pieceElement(points, { start, end, within }, stepWords) {
  const text = slice(points, start, end);
  if (within.some(({ answer }) => answer)) return el("mark", { title: "The answer that was read" }, text);
  const step = within.find(({ status }) => status);
  return step ? el("span.step-text", { title: stepTitle(step, stepWords[step.status]) }, text) : text;
}

function stepMark(step, word) {
  const reference = step.matched === null ? "" : ` ${step.matched + 1}`;
  const credit = step.credit ? ` ${signed(step.credit)}` : "";
  const title = stepTitle(step, word);
  return el(`span.step-mark.tone-${word.tone}.number`, { title }, el("b", {}, word.mark), `${reference}${credit}`);
}

function stepTitle(step, word) {
  const matched = step.matched === null ? "" : ` It is reference step ${step.matched + 1}.`;
  return `${word.label}: ${word.meaning}${matched} Credit ${signed(step.credit)}.`;
}
