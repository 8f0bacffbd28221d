// A group in a list: when, what was asked, whether it taught anything, and how each completion fared.
"use strict";

import { el } from "./dom.js";
import { number } from "./format.js";

export const SUPERSEDED = "A resume went back before this group: it is kept, but what came of it was undone";

/** What the group's signal is called. Rewards that are all equal say nothing of right or wrong where they are not about
 * it, as a format reward that every completion earned. */
export function signalWord({ signal, outcomes }, { signals, alike }) {
  const right = { all_correct: true, all_wrong: false }[signal];
  const denied = right !== undefined && outcomes.some((outcome) => outcome && (outcome === "correct") !== right);
  return denied ? alike : signals[signal];
}

/** The children of a row; the same in every list. */
export function rowContent(row, codes) {
  const signal = signalWord(row, codes);
  const { prompt } = row.problem;
  return [
    stepOf(row),
    el("span.row-main", {}, el("span.row-prompt", { title: prompt }, oneLine(prompt)), belowPrompt(row, codes)),
    el("span.row-end", {}, signalMark(signal), meanOf(row)),
  ];
}

function belowPrompt(row, codes) {
  const all = squares(row, codes.outcomes);
  if (!row.superseded) return all;
  return el("span.row-below", {}, all, el("span.row-superseded", { title: SUPERSEDED }, "superseded"));
}

function stepOf({ id, split, step }) {
  const held = split === "eval";
  const title = `Group ${id}, ${held ? "held-out, after" : "sampled for"} step ${step}`;
  return el("span.row-step.number", { title }, held ? `◇ ${step}` : String(step), el("small", {}, `#${id}`));
}

function signalMark(signal) {
  const title = signal ? `${signal.label}: ${signal.meaning}` : "Not judged yet";
  return el(`span.row-signal.tone-${signal?.tone ?? "muted"}`, { title }, signal?.mark ?? "…");
}

function meanOf(row) {
  return el("span.row-mean.number", { title: "Mean reward of the group" }, number(row.mean));
}

function oneLine(text) {
  return text.replace(/\s+/g, " ").slice(0, 300);
}

/** One coloured, marked square a completion. */
export function squares(row, outcomes) {
  const all = row.outcomes.map((outcome, index) => square(outcomes[outcome], index, row.rewards[index]));
  return el("span.squares", {}, ...all);
}

export function square(word, index, reward) {
  const shown = word ?? { mark: "·", label: "not judged yet", tone: "muted" };
  const title = `k${index}: ${shown.label}, reward ${number(reward)}`;
  return el(`span.square.tone-${shown.tone}`, { title }, shown.mark);
}
