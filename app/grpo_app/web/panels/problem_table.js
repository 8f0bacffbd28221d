// Problems of the run by what became of them. A problem opens to all of its visits, each a way to its group.
"use strict";

import { atMostEvery, badge, el, part, setText } from "../shared/dom.js";
import { keepingFocus } from "../shared/focus.js";
import { percent } from "../shared/format.js";
import { squares } from "../shared/group_row.js";
import { noRunElements, showsNoRun } from "../shared/no_run.js";
import { listen, page, runIsKnown } from "../shared/stream.js";
import { ask, currentReference, pageAddress, parameter, rememberParameters, rememberReference, words } from "../shared/site.js";

const REFRESH_MILLISECONDS = 5000;
const PAGE_ROWS = 40;
const SORTS = { newest: "newest visit first", visits: "most visits first", worst: "worst now first", best: "best now first", gained: "largest gain first", lost: "largest loss first" };
const SPLITS = { "": "automatic", train: "training problems", eval: "◇ held-out problems" };

/** The question, the answer that is being waited for, the problem that the address named, the answer so far, the problem that
 * is open (both by `id`), and drawn rows by problem. */
const state = {
  run: null, query: startingQuery(), asked: null, named: null, first: null, missing: false,
  problems: [], split: null, counts: null, next: null, open: null, drawn: new Map(),
};

function startingQuery() {
  return { split: parameter("split") ?? "", sort: parameter("sort") ?? "newest", course: parameter("course") ?? "" };
}

export async function mount(root) {
  const codes = await words();
  const look = () => refresh(root, codes);
  const lookAgain = atMostEvery(REFRESH_MILLISECONDS, () => (state.asked === null ? look() : lookAgain()));
  wireTools(root, codes, look);
  listen((change) => {
    if (showsNoRun()) drawNoRun(root);
    else if (page.runId !== state.run) begin(root, look);
    else if (change.groups || change.reset) lookAgain();
  });
  await runIsKnown;
}

function drawNoRun(root) {
  part(root, "tools").hidden = true;
  part(root, "empty").hidden = false;
  part(root, "empty").replaceChildren(...noRunElements());
}

function begin(root, look) {
  part(root, "tools").hidden = false;
  const { run, problem } = currentReference() ?? {};
  const ours = run && page.runId?.startsWith(run);
  const named = ours ? problem : null;
  Object.assign(state, { run: page.runId, named, problems: [], next: null, asked: null, open: named, drawn: new Map() });
  if (state.run) look();
}

function wireTools(root, codes, look) {
  for (const [name, options] of Object.entries({ split: SPLITS, sort: SORTS })) {
    const select = part(root, name);
    select.append(...Object.entries(options).map(([value, text]) => el("option", { value }, text)));
    select.value = state.query[name];
    select.addEventListener("change", () => askFor({ [name]: select.value }, look));
  }
  part(root, "more").addEventListener("click", () => more(root, codes));
  part(root, "rows").addEventListener("keydown", moveByKey);
}

function askFor(parts, look) {
  Object.assign(state.query, parts);
  state.named = null;
  remember();
  look();
}

function remember() {
  const { split, sort, course } = state.query;
  rememberParameters({ split, sort: sort === "newest" ? null : sort, course });
  rememberReference("problems", { run: state.run, problem: state.open });
}

function moveByKey(event) {
  const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
  const buttons = [...event.currentTarget.querySelectorAll(".problem-line")];
  const next = step && buttons[buttons.indexOf(document.activeElement) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

async function pageOf(limit, after) {
  const known = Object.entries({ ...state.query, problem: state.named, limit, after }).filter(([, value]) => value);
  return ask(`api/runs/${state.run}/problems?${new URLSearchParams(known)}`);
}

async function refresh(root, codes) {
  const rows = Math.min(200, Math.max(PAGE_ROWS, state.problems.length));
  await answered(root, codes, pageOf(rows, null), ({ problems }) => problems);
}

/** Draw what came, unless something else was asked meanwhile: answers may overtake each other. */
async function answered(root, codes, coming, listed) {
  state.asked = coming;
  const isWanted = () => state.asked === coming;
  try {
    const answer = await coming;
    if (!isWanted()) return;
    take(listed(answer), answer);
    draw(root, codes);
  } catch (error) {
    if (isWanted()) drawEmpty(root, error.message);
  } finally {
    if (isWanted()) state.asked = null;
  }
}

function take(problems, { split, counts, next, named }) {
  const missing = state.named !== null && named === null;
  Object.assign(state, { problems, split, counts, next, missing, first: named });
}

/** A problem that the address names is there, wherever the order would put it: first, if it is on no page so far. */
function shownProblems() {
  const { first, problems } = state;
  const listed = first === null || problems.some((row) => keyOf(row) === keyOf(first));
  return listed ? problems : [first, ...problems];
}

async function more(root, codes) {
  const known = new Set(state.problems.map(keyOf));
  const unknown = ({ problems }) => problems.filter((row) => !known.has(keyOf(row)));
  await answered(root, codes, pageOf(PAGE_ROWS, state.next.join()), (answer) => [...state.problems, ...unknown(answer)]);
}

const keyOf = ({ problem, split }) => `${split} ${problem.id} ${problem.prompt}`;

function draw(root, codes) {
  part(root, "missing").hidden = !state.missing;
  setText(part(root, "missing"), `No problem ${state.named} was sampled here.`);
  drawCourses(root, codes, state.counts);
  setText(part(root, "split").options[0], `${SPLITS[""]}: ${state.split === "eval" ? "held-out" : "training"}`);
  keepingFocus(part(root, "rows"), () => drawRows(root, codes));
  part(root, "more").hidden = state.next === null;
  drawEmpty(root, state.problems.length ? "" : state.query.course ? "No problem took this course." : "No problem was sampled yet.");
}

function drawRows(root, codes) {
  const before = state.drawn;
  state.drawn = new Map(shownProblems().map((row) => [keyOf(row), rowElement(root, codes, row, before.get(keyOf(row)))]));
  const elements = [...state.drawn.values()].map(({ element }) => element);
  const rows = part(root, "rows");
  const same = elements.length === rows.childElementCount && elements.every((element, index) => element === rows.children[index]);
  if (!same) rows.replaceChildren(...elements);
}

function drawEmpty(root, text) {
  part(root, "empty").hidden = !text;
  setText(part(root, "empty"), text);
}

/** What became of the newest problems, as choices: all of them, or one course. */
function drawCourses(root, codes, counts) {
  const all = { mark: "", label: "all", meaning: `Of the newest ${counts.of} problems`, tone: "muted" };
  const choices = [["", all, counts.of], ...Object.entries(codes.courses).map(([course, word]) => [course, word, counts[course]])];
  const drawn = JSON.stringify([choices, state.query.course]);
  const element = part(root, "courses");
  if (element.dataset.drawn === drawn) return;
  element.dataset.drawn = drawn;
  const focused = element.contains(document.activeElement) ? document.activeElement.dataset.course : null;
  element.replaceChildren(...choices.map((choice) => courseButton(root, codes, ...choice)));
  element.querySelector(`[data-course="${focused}"]`)?.focus();
}

function courseButton(root, codes, course, word, count) {
  const properties = {
    type: "button",
    title: word.meaning,
    "data-course": course,
    "aria-pressed": String(state.query.course === course),
    onclick: () => askFor({ course }, () => refresh(root, codes)),
  };
  return el(`button.course.tone-${word.tone}`, properties, el("span.course-mark", {}, `${word.mark} ${word.label}`.trim()), el("b.number", {}, String(count)));
}

function rowElement(root, codes, row, before) {
  const open = row.problem.id === state.open;
  const says = JSON.stringify([row, open]);
  if (before?.says === says) return before;
  const keys = { "data-problem": row.problem.id, "data-keep": keyOf(row) };
  const element = el("div.problem-row", keys, lineOf(root, codes, row, open));
  if (open) openVisits(element, codes, row, before?.element.querySelector(".visits"));
  return { says, element };
}

function lineOf(root, codes, row, open) {
  const { problem, rates, visits, last_rate: rate, course } = row;
  const toggle = () => {
    state.open = open ? null : problem.id;
    remember();
    draw(root, codes);
    part(root, "rows").querySelector(`[data-problem="${CSS.escape(problem.id)}"] .problem-line`)?.focus();
  };
  const about = [problem.level, problem.source].filter(Boolean).join(" · ");
  return el(
    "button.problem-line",
    { type: "button", "aria-expanded": String(open), onclick: toggle },
    el("span.problem-what", {}, el("span.problem-prompt", { title: problem.prompt }, problem.prompt.replace(/\s+/g, " ").slice(0, 300)), el("span.soft", {}, about)),
    el("span.problem-course", {}, badge(codes.courses[course]), turnedText(row)),
    barsOf(rates),
    el("span.problem-now.number", { title: "Share of right answers at the last visit" }, el("b", {}, percent(rate)), el("span.soft", {}, visits === 1 ? "1 visit" : `${visits} visits`)),
  );
}

function turnedText({ turned }) {
  return turned && el("span.soft.number", { title: `From ${percent(turned.before)} before to ${percent(turned.after)} since` }, `at step ${turned.step}`);
}

/** A bar a visit, as tall as its pass rate; one that is 0 is a dot. */
function barsOf(rates) {
  const title = `Pass rate by visit: ${rates.map((rate) => percent(rate)).join(", ")}`;
  const bars = rates.map((rate) => el("i", { "data-none": rate === 0, style: { height: `${Math.max(8, rate * 100)}%` } }));
  return el("span.bars", { role: "img", "aria-label": title, title }, ...bars);
}

/** Visits that are there already stay until all of them have come anew. */
async function openVisits(element, codes, row, there) {
  const list = there ?? el("ol.visits", {}, el("li.soft", {}, "…"));
  element.append(list, waysOf(row));
  try {
    const query = new URLSearchParams({ problem: row.problem.id, split: row.split });
    const { visits } = await ask(`api/runs/${state.run}/visits?${query}`);
    const elements = visits.toReversed().map((visit) => visitElement(visit, row, codes));
    keepingFocus(list, () => list.replaceChildren(...elements));
  } catch (error) {
    list.replaceChildren(el("li.tone-bad", {}, error.message));
  }
}

function visitElement({ group, step, rate, outcomes }, { turned, course }, codes) {
  const here = turned?.group === group ? el("b.turned", {}, `${codes.courses[course].mark} turned here`) : null;
  const shown = squares({ outcomes, rewards: outcomes.map((outcome) => (outcome ? Number(outcome === "correct") : null)) }, codes.outcomes);
  const link = el("a", { href: pageAddress("groups", { run: state.run, group }) }, `step ${step}`);
  return el("li", { "data-keep": `visit ${group}` }, link, el("span.number", {}, percent(rate)), shown, here);
}

function waysOf({ problem, turned, last_group: last }) {
  const all = el("a", { href: pageAddress("groups", { run: state.run, problem: problem.id }) }, "all its groups →");
  const turn = turned && el("a", { href: pageAddress("groups", { run: state.run, group: turned.group }) }, `the group where it turned →`);
  const newest = el("a", { href: pageAddress("groups", { run: state.run, group: last }) }, "its newest group →");
  const gold = el("span.soft", {}, "gold ", el("b.gold-answer", {}, problem.gold));
  return el("p.problem-ways", {}, gold, turn, newest, all);
}
