// The head of one group: the problem, its reference steps, and the ways to look at what was sampled for it.
"use strict";

import { badge, el, help, part } from "../shared/dom.js";
import { number } from "../shared/format.js";
import { SUPERSEDED, signalWord } from "../shared/group_row.js";
import { noRunElements, showsNoRun } from "../shared/no_run.js";
import { onGroup, open } from "../shared/open_group.js";
import { onSelection, selection } from "../shared/selection.js";
import { listen, page } from "../shared/stream.js";
import { pageAddress, parsedReference, words } from "../shared/site.js";
import { drawViews } from "../shared/group_views.js";

const LONG_PROMPT = 80;
const NOT_YET = "No group has been scored yet. The first one appears here by itself.";
const REFERENCE_STEPS =
  "The steps of a known derivation. A line of a completion that equals one earns a share of the partial reward.";
const EVALUATED = { mark: "◇", tone: "muted", meaning: "Sampled to evaluate, not to train" };
const TAKEN_BACK = { mark: "↺", label: "superseded", tone: "muted", meaning: SUPERSEDED };

/** The run and group whose head is drawn, as JSON. */
let drawn = null;

export async function mount(root) {
  const codes = await words();
  onGroup(() => draw(root, codes));
  onSelection(() => draw(root, codes));
  listen((change) => (change.whole || change.runs || change.run || change.marks) && draw(root, codes));
}

function draw(root, codes) {
  const { group, missing } = open;
  const nothing = selection.group === null;
  part(root, "empty").hidden = !(missing || (nothing && page.runs !== null));
  part(root, "head").hidden = !group || nothing;
  if (missing) part(root, "empty").replaceChildren(el("p", {}, missing));
  else if (nothing) part(root, "empty").replaceChildren(...emptyText());
  if (!group || nothing) {
    drawn = null;
    return;
  }
  drawHead(root, group, codes);
  drawViews(part(root, "views"), group, codes);
}

function emptyText() {
  return showsNoRun() ? noRunElements() : [el("p", {}, NOT_YET)];
}

function drawHead(root, group, codes) {
  const { completions, ...about } = group;
  const json = JSON.stringify([open.run, about]);
  if (json === drawn) return;
  drawn = json;
  part(root, "about").replaceChildren(...headOf(group, codes));
}

function headOf(group, codes) {
  const { problem } = group;
  const title = el(
    "div.detail-title",
    {},
    el("h2", {}, `Group ${group.id}`),
    stepLink(group.step),
    group.split === "eval" ? badge({ ...EVALUATED, label: `held-out, ${group.decoding}` }) : null,
    ...signalOf(group, codes),
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
  const href = pageAddress("groups", { run: open.run, step });
  return el("a.soft", { href, title: "All groups of this step" }, `step ${step}`);
}

/** The playground with this group's problem on the desk. */
function askLink(group) {
  const address = new URL(pageAddress("playground", { run: open.run }));
  address.search += `&group=${open.run}/group/${group}`;
  return el(
    "a.ask-link",
    { href: address.href, title: "Take this problem to the playground" },
    "ask a checkpoint this",
  );
}

/** What it means for the training is said of what is trained on. */
function signalOf({ signal, split }, codes) {
  const outcomes = open.group.completions.map(({ verdict }) => verdict?.outcome);
  const word = signalWord({ signal, outcomes }, codes);
  if (!word) return [];
  return split === "train" ? [badge(word), el("span.soft.signal-meaning", {}, word.meaning)] : [badge(word)];
}

function statistic(name, value, meaning) {
  return el("span", { title: meaning }, el("span.soft", {}, `${name} `), el("b", {}, number(value)));
}

function goldOf({ id, gold, source, level }) {
  const from = [source, level].filter(Boolean).join(" · ") || "this problem";
  const href = pageAddress("groups", { run: open.run, problem: id });
  // An identifier that no reference can hold has no address.
  const named = parsedReference(`${open.run}/problem/${id}`) !== null;
  const where = named
    ? el("a.soft.source", { href, title: "Where the problem comes from; every group that sampled it" }, from)
    : el("span.soft.source", { title: "Where the problem comes from" }, from);
  return el("div.gold", {}, el("span.soft", {}, "gold answer "), el("b", {}, gold), where);
}

function referenceSteps(steps) {
  const items = steps.map((step, index) => {
    const place = el("span.step-number.number", {}, String(index + 1));
    return el("li", { "data-step": index }, place, el("span", {}, step));
  });
  return el(
    "div.reference",
    {},
    el("span.soft", {}, "reference steps "),
    help(REFERENCE_STEPS),
    el("ol", {}, ...items),
  );
}
