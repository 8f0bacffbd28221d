// One group whole, asked for when it is selected and again when its row changes; unchanged cards stay as they are.
"use strict";

import { badge, el, help, part, setText } from "../shared/dom.js";
import { number } from "../shared/format.js";
import { completionCard } from "../shared/completion.js";
import { SUPERSEDED } from "../shared/group_row.js";
import { listen, model, page } from "../shared/stream.js";
import { onSelection, selectCompletion, selection } from "../shared/selection.js";
import { ask, pageAddress, words } from "../shared/site.js";

const LONG_PROMPT = 80;
const NOT_YET = "No group has been scored yet. The first one appears here by itself.";
const CHOOSE = "Choose a run above.";
const NO_RUNS = "No runs yet. Start one: ";
const COMMAND = "grpo-dash train --preset demo";
const REFERENCE_STEPS =
  "The steps of a known derivation. A line of a completion that equals one earns a share of the partial reward.";
const EVALUATED = { mark: "◇", tone: "muted", meaning: "Sampled to evaluate, not to train" };
const TAKEN_BACK = { mark: "↺", label: "superseded", tone: "muted", meaning: SUPERSEDED };

/** What is drawn: the run and group, and for each completion its JSON and card. */
const drawn = { run: null, group: null, cards: [], asking: null, again: false, marked: null };

export async function mount(root) {
  const codes = await words();
  onSelection(() => show(root, codes));
  listen((change) => {
    if (change.reset || change.groups?.some(({ id }) => id === selection.group)) show(root, codes, true);
    if (change.whole || change.runs || change.run) drawEmpty(root);
  });
}

async function show(root, codes, anew = false) {
  const { run, group } = selection;
  if (group === null || run === null) return drawEmpty(root);
  const same = drawn.run === run && drawn.group === group;
  if (same && !anew) return markCompletion(root);
  const key = `${run}/${group}`;
  if (drawn.asking === key) {
    drawn.again = true;
    return undefined;
  }
  drawn.asking = key;
  await askAndDraw(root, codes, run, group);
  if (drawn.asking === key) drawn.asking = null;
  if (!drawn.again) return undefined;
  drawn.again = false;
  return show(root, codes, true);
}

async function askAndDraw(root, codes, run, group) {
  try {
    const answer = await ask(`api/runs/${run}/group/${group}`);
    if (selection.run === run && selection.group === group) drawGroup(root, codes, run, answer.group);
  } catch (error) {
    if (selection.run === run && selection.group === group) drawMissing(root, error.message);
  }
}

function drawMissing(root, message) {
  Object.assign(drawn, { run: null, group: null, cards: [] });
  part(root, "head").hidden = true;
  part(root, "completions").replaceChildren();
  part(root, "empty").hidden = false;
  part(root, "empty").replaceChildren(el("p", {}, message));
}

function drawEmpty(root) {
  const nothing = selection.group === null;
  part(root, "empty").hidden = !nothing || page.runs === null;
  if (!nothing) return;
  Object.assign(drawn, { run: null, group: null, cards: [] });
  part(root, "head").hidden = true;
  part(root, "completions").replaceChildren();
  part(root, "empty").replaceChildren(
    page.runs?.length ? el("p", {}, page.runId ? NOT_YET : CHOOSE) : el("p", {}, NO_RUNS, el("code", {}, COMMAND)),
  );
}

function drawGroup(root, codes, run, group) {
  const other = drawn.run !== run || drawn.group !== group.id;
  if (other) Object.assign(drawn, { run, group: group.id, cards: [], marked: null });
  part(root, "empty").hidden = true;
  part(root, "head").hidden = false;
  part(root, "head").replaceChildren(...headOf(group, codes));
  part(root, "completions").classList.toggle("superseded", group.superseded);
  drawn.cards = group.completions.map((completion, index) => cardOf(completion, group, codes, drawn.cards[index]));
  const cards = drawn.cards.map(({ card }) => card);
  const container = part(root, "completions");
  if (cards.length !== container.childElementCount || cards.some((card, i) => card !== container.children[i])) {
    container.replaceChildren(...cards);
  }
  markCompletion(root);
}

function cardOf(completion, group, codes, before) {
  const json = JSON.stringify(completion);
  if (before?.json === json) return before;
  const card = completionCard(completion, group, codes, selectCompletion);
  return { json, card };
}

function markCompletion(root) {
  const wanted = selection.follow ? null : selection.completion;
  drawn.cards.forEach(({ card }, index) => card.setAttribute("aria-current", String(index === wanted)));
  const key = `${drawn.run}/${drawn.group}/${wanted}`;
  if (wanted !== null && drawn.marked !== key) drawn.cards[wanted]?.card.scrollIntoView({ block: "nearest" });
  drawn.marked = key;
}

function headOf(group, codes) {
  const { problem } = group;
  const title = el(
    "div.detail-title",
    {},
    el("h2", {}, `Group ${group.id}`),
    stepLink(group.step),
    group.split === "eval" ? badge({ ...EVALUATED, label: `held-out, ${group.decoding}` }) : null,
    ...signalOf(codes.signals[group.signal]),
    group.superseded ? badge(TAKEN_BACK) : null,
    el(
      "span.detail-numbers.number",
      {},
      statistic("mean reward", group.mean, "Mean of the group's rewards: the baseline"),
      statistic("std", group.std, "Standard deviation within the group; 0 means that nothing is learned from it"),
    ),
  );
  const prompt = el(promptName(problem.prompt), {}, problem.prompt);
  const asked = el("div.problem", {}, prompt, goldOf(problem), askLink(group.id));
  return problem.steps.length ? [title, asked, referenceSteps(problem.steps)] : [title, asked];
}

/** A short prompt is an expression, a long one prose. */
function promptName(prompt) {
  return prompt.length > LONG_PROMPT ? "div.prompt.prose-prompt" : "div.prompt";
}

function stepLink(step) {
  const href = pageAddress("groups", { run: drawn.run, step });
  return el("a.soft", { href, title: "All groups of this step" }, `step ${step}`);
}

/** The playground with this group's problem on the desk. */
function askLink(group) {
  const address = new URL(pageAddress("playground", { run: drawn.run }));
  address.search += `&group=${drawn.run}/group/${group}`;
  return el("a.ask-link", { href: address.href, title: "Take this problem to the playground" }, "ask a checkpoint this");
}

function signalOf(word) {
  return word ? [badge(word), el("span.soft.signal-meaning", {}, word.meaning)] : [];
}

function statistic(name, value, meaning) {
  return el("span", { title: meaning }, el("span.soft", {}, `${name} `), el("b", {}, number(value)));
}

function goldOf({ gold, source, level }) {
  const from = [source, level].filter(Boolean).join(" · ");
  const where = el("span.soft.source", { title: "Where the problem comes from" }, from);
  return el("div.gold", {}, el("span.soft", {}, "gold answer "), el("b", {}, gold), where);
}

function referenceSteps(steps) {
  const items = steps.map((step, index) => {
    const place = el("span.step-number.number", {}, String(index + 1));
    return el("li", { "data-step": index }, place, el("span", {}, step));
  });
  return el("div.reference", {}, el("span.soft", {}, "reference steps "), help(REFERENCE_STEPS), el("ol", {}, ...items));
}
