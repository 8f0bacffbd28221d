// Two completions line by line. The pair is asked for when it is chosen and when a verdict of it changed.
"use strict";

import { badge, el, part, setText } from "../shared/dom.js";
import { number, signed } from "../shared/format.js";
import { square } from "../shared/group_row.js";
import { onGroup, open } from "../shared/open_group.js";
import { onSelection, selectCompletion, selectGroup, selection, selectView } from "../shared/selection.js";
import { ask, parsedReference, words } from "../shared/site.js";

const SAME_GROUP = "the same group";

/** The question whose answer is drawn, and that answer. */
const drawn = { question: null, answer: null };

export async function mount(root) {
  const codes = await words();
  const pick = (name, listener) => part(root, name).addEventListener("change", (event) => listener(event.target.value));
  pick("left", (value) => choose({ left: Number(value) }));
  pick("right", (value) => choose({ right: Number(value) }));
  pick("beside", (value) => choose({ beside: value === "" ? null : Number(value), right: null }));
  onGroup(() => draw(root, codes));
  onSelection(() => draw(root, codes));
}

/** What the address says is compared: numbers that are null are the server's choice. */
function pair() {
  const named = parsedReference(selection.beside);
  const beside = named && named.group !== selection.group ? named.group : null;
  return { left: selection.completion, right: named?.completion ?? null, beside };
}

function choose(parts) {
  const { left, right, beside } = drawn.answer;
  const known = { left: left.completion.index, right: right.completion.index, beside: right.group, ...parts };
  const group = known.beside ?? selection.group;
  const k = known.right === null ? "" : `/k/${known.right}`;
  selectView("compare", { completion: known.left, beside: `${selection.run}/group/${group}${k}` });
}

async function draw(root, codes) {
  const { group, run } = open;
  part(root, "card").hidden = selection.view !== "compare" || !group;
  if (part(root, "card").hidden) return;
  const known = Object.entries(pair()).filter(([, value]) => value !== null);
  const path = `api/runs/${run}/group/${group.id}/compare?${new URLSearchParams(known)}`;
  const question = JSON.stringify([path, group.completions.map(({ verdict, text }) => [verdict, text.length])]);
  if (drawn.question === question) return;
  drawn.question = question;
  try {
    const answer = await ask(path);
    if (drawn.question !== question) return;
    drawn.answer = answer;
    drawPair(root, answer, codes);
  } catch (error) {
    if (drawn.question === question)
      part(root, "sides").replaceChildren(el("p.soft.compare-missing", {}, error.message));
  }
}

function drawPair(root, answer, codes) {
  const { left, right, visits } = answer;
  setText(part(root, "left-name"), `group ${left.group}, step ${left.step}`);
  fill(part(root, "left"), numbers(left), left.completion.index);
  fill(part(root, "right"), numbers(right), right.completion.index);
  const others = visits.filter(({ id }) => id !== left.group);
  const groups = others.map((visit) => ({ value: visit.id, text: visitText(visit) }));
  fill(
    part(root, "beside"),
    [{ value: "", text: SAME_GROUP }, ...groups],
    right.group === left.group ? "" : right.group,
  );
  part(root, "beside").disabled = !others.length;
  setText(part(root, "same"), `${answer.same} of ${answer.lines} lines the same`);
  drawVisits(root, answer, codes);
  part(root, "sides").replaceChildren(headRow(answer, codes), rowsElement(answer.rows));
}

const numbers = ({ k }) => Array.from({ length: k }, (_, index) => ({ value: index, text: `k${index}` }));

function visitText({ id, step, split, decoding }) {
  return `group ${id}, step ${step}${split === "eval" ? ` (held-out, ${decoding})` : ""}`;
}

function fill(select, options, value) {
  select.replaceChildren(...options.map((option) => el("option", { value: option.value }, option.text)));
  select.value = String(value);
}

/** Every time this problem was sampled, oldest first: a click lays that one beside. */
function drawVisits(root, { left, right, visits }, codes) {
  const element = part(root, "visits");
  element.hidden = visits.length < 2;
  const buttons = visits.map((visit) => {
    const squares = visit.outcomes.map((outcome, at) => square(codes.outcomes[outcome], at, visit.rewards[at]));
    const here = visit.id === left.group ? "left" : visit.id === right.group ? "right" : null;
    const onclick = () =>
      visit.id === left.group ? choose({ beside: null, right: null }) : choose({ beside: visit.id, right: null });
    const name = el(
      "span.soft",
      {},
      `${visit.split === "eval" ? "◇ " : ""}step ${visit.step}${here ? `, ${here}` : ""}`,
    );
    return el(
      "button.visit",
      { type: "button", "data-here": here, title: visitText(visit), onclick },
      name,
      el("span.squares", {}, ...squares),
    );
  });
  element.replaceChildren(
    el("h3", {}, `This problem was sampled ${visits.length} times`),
    el("div.visit-row", {}, ...buttons),
  );
}

function headRow({ left, right }, codes) {
  return el("div.compare-row.compare-titles", {}, sideHead(left, codes), sideHead(right, codes));
}

function sideHead({ completion, group, step }, codes) {
  const { index, verdict, reward, advantage, weight } = completion;
  const word = codes.outcomes[verdict?.outcome];
  const show = () => {
    if (group === selection.group) selectCompletion(index);
    else selectGroup(group, index);
  };
  return el(
    "div.compare-title",
    {},
    el("button.k", { type: "button", title: "Why this verdict", onclick: show }, `k${index}`),
    word ? badge(word) : el("span.badge.tone-muted", {}, "· not judged"),
    el("span.soft.number", {}, `step ${step}`),
    el("span.number", {}, el("span.soft", {}, "reward "), el("b", {}, number(reward))),
    el(
      "span.number",
      {},
      el("span.soft", {}, weight === null ? "advantage " : "weight "),
      el("b", {}, signed(weight ?? advantage)),
    ),
  );
}

const MARKS = { same: "", changed: "≠", left: "−", right: "+" };

function rowsElement(rows) {
  const elements = rows.map(({ kind, left, right }) =>
    el("div.compare-row", { "data-kind": kind }, cell(left, kind), cell(right, kind)),
  );
  return el("div.compare-rows", { tabindex: "0", role: "region", "aria-label": "The texts line by line" }, ...elements);
}

function cell(side, kind) {
  if (side === null) return el("div.compare-cell.void", {}, el("span.unseen", {}, "no such line"));
  const parts = side.parts.map(([text, differs]) => (differs ? el("em", {}, text) : text));
  return el(
    "div.compare-cell",
    {},
    el("span.line-number.number.soft", {}, String(side.line)),
    el("span.line-mark", {}, MARKS[kind]),
    el("span.compare-text", {}, ...parts),
    side.answer ? el("span.answer-tag", { title: "The answer was read on this line" }, "answer") : null,
  );
}
