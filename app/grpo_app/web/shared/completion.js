// The card of one completion: its verdict, what it earned, what it weighs in the update, and its text.
"use strict";

import { badge, el } from "./dom.js";
import { UNKNOWN, count, number, signed } from "./format.js";
import { annotatedText } from "./annotated.js";

const FINISH = {
  stop: ["ended", "The model ended its answer itself."],
  length: ["cut off", "Reached max_completion_length without ending."],
};

const REWARD = "Reward: the weighted sum that the objective saw";
const ONE_REWARD = "This reward function alone, before its weight";

/** The head of the view of one verdict: what the card says without its text. */
export function completionHead(completion, group, codes) {
  const word = codes.outcomes[completion.verdict?.outcome];
  return [titleOf(completion, word, null, true), weightBar(completion, group), factsOf(completion, group)];
}

/** The card; `select(index)` is called when a person picks it. Without a group (in the playground) it earned nothing. */
export function completionCard(completion, group, codes, select) {
  const word = codes.outcomes[completion.verdict?.outcome];
  const tone = word?.tone ?? "muted";
  return el(
    `article.completion.card.tone-${tone}`,
    { "data-k": completion.index },
    titleOf(completion, word, group ? select : null),
    group && weightBar(completion, group),
    reasonOf(completion.verdict, group ? () => select(completion.index) : null),
    annotatedText(completion, codes.steps),
    factsOf(completion, group),
  );
}

function titleOf(completion, word, select, earned = Boolean(select)) {
  const { index, verdict } = completion;
  const pick = { type: "button", title: `Why this verdict (key ${index})`, onclick: () => select(index) };
  return el(
    "div.completion-title",
    {},
    select ? el("button.k", pick, `k${index}`) : el("b.k.soft", {}, `k${index}`),
    word ? badge(word) : el("span.badge.tone-muted", { title: "Nothing has judged it" }, "· not judged"),
    verdict?.extracted ? named("span.extracted", "read", verdict.extracted, "The answer that was read") : null,
    earned ? named("span.reward.number", "reward", number(completion.reward), REWARD) : null,
  );
}

function named(element, name, text, title) {
  return el(element, { title }, el("span.soft", {}, `${name} `), text);
}

/** A bar to the right for what the update makes likelier, to the left for what it makes less likely. */
function weightBar(completion, group) {
  const name = completion.weight === null ? "advantage" : "weight";
  const values = group.completions.map((other) => Math.abs(other[name] ?? 0));
  const value = completion[name];
  const share = value === null ? 0 : Math.abs(value) / Math.max(...values, 1e-9);
  const side = value < 0 ? "less" : "more";
  return el(
    "div.weight",
    { title: weightMeaning(name, value) },
    el("span.soft", {}, name),
    el("span.weight-track", { "aria-hidden": "true" }, el(`i.${side}`, { style: { "--share": share.toFixed(3) } })),
    el("b.number", {}, signed(value)),
  );
}

function weightMeaning(name, value) {
  const what = name === "weight" ? "Weight of this completion by rank" : "Advantage: how much better than its group";
  if (value === null) return `${what}. Not known.`;
  if (Math.abs(value) < 1e-9) return `${what}. 0: it does not move the policy.`;
  return `${what}. The update makes it ${value > 0 ? "likelier" : "less likely"}.`;
}

function reasonOf(verdict, explain) {
  if (!verdict) return null;
  const tags = [
    ["found by", verdict.rule, "Which rule found the answer in the text"],
    ["decided by", verdict.check, "Which check compared it with the gold answer"],
    ["", verdict.reason, "The reason's stable code"],
  ].filter(([, text]) => text);
  return el(
    "div.reason",
    {},
    el("p", {}, verdict.message, " ", whyLink(explain)),
    el("div.tags", {}, ...tags.map(([name, text, title]) => el("span.tag", { title }, name ? `${name} ${text}` : text))),
  );
}

function whyLink(explain) {
  return (
    explain &&
    el("button.why-link", { type: "button", title: "The way to this verdict, step by step", onclick: explain }, "why →")
  );
}

function factsOf(completion, group) {
  const [finish, finishMeaning] = FINISH[completion.finish_reason] ?? [UNKNOWN, "Not known how it ended"];
  const facts = [
    ["tokens", count(completion.token_count), "Tokens of the completion"],
    ["finish", finish, finishMeaning],
  ];
  const inTraining = [
    ["logprob", number(completion.mean_logprob), "Mean log-probability of its tokens (nats); known after the update"],
    [
      "entropy",
      number(completion.entropy),
      "Mean entropy of the policy over its tokens (nats); known after the update",
    ],
    ...Object.entries(completion.rewards).map(([name, value]) => [`reward: ${name}`, number(value), ONE_REWARD]),
  ];
  return el("dl.facts.number", {}, ...(group ? [...facts, ...inTraining] : facts).map(factElement));
}

function factElement([name, text, title]) {
  return el("div", { title, "data-warn": text === "cut off" }, el("dt", {}, name), el("dd", {}, text));
}
