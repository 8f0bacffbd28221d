// What the signal check found: how groups would fall, the numbers behind it, and what to change.
"use strict";

import { el } from "./dom.js";
import { duration, number, percent } from "./format.js";

export function signalElement(check, signals) {
  const advice = check.advice.map((sentence) => el("li", {}, sentence));
  const fine = el("p.signal-fine.tone-good", {}, "✓ There is something to learn from.");
  return [
    el("h2", {}, `${check.groups} groups of ${check.k} from the untrained model`),
    barOf(check, signals),
    el("dl.signal-numbers.number", {}, ...numbersOf(check).map(numberElement)),
    advice.length ? el("ul.advice", {}, ...advice) : fine,
  ];
}

function barOf(check, signals) {
  const shares = ["mixed", "all_correct", "all_wrong"].map((name) => ({ word: signals[name], share: check[name] }));
  const known = shares.filter(({ share }) => share > 0);
  const parts = known.map(({ word, share }) =>
    el(`span.tone-${word.tone}`, { title: word.meaning, style: { "flex-grow": share } }),
  );
  const legend = shares.map(({ word, share }) =>
    el(`span.tone-${word.tone}`, { title: word.meaning }, el("b", {}, word.mark), ` ${word.label} ${percent(share)}`),
  );
  const bar = el("div.signal-bar", { "aria-hidden": "true" }, ...parts);
  return el("div.signal-groups", {}, bar, el("div.signal-legend", {}, ...legend));
}

function numbersOf(check) {
  const update = check.update_seconds === null ? "does not fit in memory" : `${number(check.update_seconds)} s`;
  const whole = check.run_minutes === null ? null : check.run_minutes * 60;
  return [
    ["right", percent(check.pass_rate), "Completions that are right before any training"],
    ["cut off", percent(check.truncated), "Completions that reached max_completion_length"],
    ["no answer", percent(check.no_answer), "Completions in which no answer was found"],
    ["unreadable", percent(check.unparsable), "Answers that cannot be read as mathematics"],
    ["answer, no end", percent(check.missing_end), "Cut off although an answer was given: end-of-text is missing"],
    ["not scored", percent(check.unscorable), "The gold answer cannot be read"],
    ["tokens", number(check.mean_tokens), "Tokens of a completion, in the mean"],
    ["sampling a step", `${number(check.sampling_seconds)} s`, "Seconds of sampling for one optimizer step"],
    ["update a step", update, "Seconds of forward and backward passes for one optimizer step"],
    ["the whole run", duration(whole), "All steps and evaluations, estimated"],
    ...(check.longest_fits === null ? [] : [longestCase(check)]),
  ];
}

function longestCase(check) {
  const held = check.longest_gib === null ? "" : `, ${number(check.longest_gib)} GiB`;
  const title = `The longest prompt and completions, ${check.longest_tokens} tokens, forward and back, tried before the run`;
  return ["longest case", (check.longest_fits ? "fits" : "does not fit") + held, title];
}

function numberElement([name, text, title]) {
  return el("div", { title }, el("dt", {}, name), el("dd", {}, text));
}
