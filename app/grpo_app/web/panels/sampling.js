// The streams of the generation in progress: text is appended to text nodes as it arrives, nothing is redrawn.
"use strict";

import { el, part, readable, setText } from "../shared/dom.js";
import { number } from "../shared/format.js";
import { ALIVE, listen, model } from "../shared/stream.js";
import { square } from "../shared/group_row.js";
import { words } from "../shared/site.js";

const PHASES = {
  sample: "Sampling now",
  judge: "Judging",
  update: "Updating the policy with these",
  evaluate: "Evaluating",
  idle: "Sampled last",
};

/** What is drawn: the generation's number, the problem's place in the batch, and a cell a completion. */
const drawn = { number: null, problem: 0, cells: [], scored: null };

export async function mount(root) {
  const codes = await words();
  part(root, "problems").addEventListener("change", (event) => {
    drawn.problem = Number(event.target.value);
    drawn.number = null;
    drawGeneration(root, codes);
  });
  part(root, "fold").addEventListener("click", () => fold(root));
  listen((change) => {
    if (change.whole) drawn.number = null;
    if (change.live || change.live_add || change.run || change.groups || change.whole) drawGeneration(root, codes);
  });
}

function fold(root) {
  const streams = part(root, "streams");
  streams.hidden = !streams.hidden;
  part(root, "fold").setAttribute("aria-expanded", String(!streams.hidden));
  setText(part(root, "fold"), streams.hidden ? "show" : "hide");
}

function drawGeneration(root, codes) {
  const { live, run } = model;
  const shown = Boolean(live?.problems.length && run && (ALIVE.has(run.status) || run.status === "created"));
  part(root, "card").hidden = !shown;
  if (!shown) return;
  if (drawn.number !== live.number) begin(root, live);
  part(root, "card").dataset.phase = live.phase;
  const split = live.split === "eval" ? ", held-out problems" : "";
  setText(part(root, "title"), `${PHASES[live.phase] ?? live.phase} · step ${live.step}${split}`);
  drawn.cells.forEach((cell, index) => drawCell(cell, live, index));
  drawScores(live, codes);
}

function begin(root, live) {
  drawn.problem = Math.min(drawn.problem, live.problems.length - 1);
  drawn.number = live.number;
  drawn.scored = null;
  part(root, "problems").replaceChildren(...live.problems.map((_, index) => problemOption(live, index)));
  part(root, "problems").value = drawn.problem;
  drawn.cells = (live.streams[drawn.problem] ?? []).map((_, index) => newCell(index));
  part(root, "streams").replaceChildren(...drawn.cells.map(({ element }) => element));
}

function problemOption({ problems }, index) {
  const prompt = problems[index].prompt.replace(/\s+/g, " ").slice(0, 80);
  return el("option", { value: index }, `problem ${index + 1} of ${problems.length}: ${prompt}`);
}

function newCell(index) {
  const text = document.createTextNode("");
  const body = el("pre.stream-text", { tabindex: "0", role: "group", "aria-label": `Text of k${index} so far` }, text);
  const state = el("span.stream-state.soft");
  const title = el("div.stream-title", {}, el("b", {}, `k${index}`), state);
  const element = el("div.stream", { "data-k": index }, title, body);
  return { element, body, text, state, length: 0, stateText: null };
}

function drawCell(cell, live, index) {
  const full = live.streams[drawn.problem]?.[index] ?? "";
  const atEnd = cell.body.scrollTop + cell.body.clientHeight >= cell.body.scrollHeight - 8;
  if (full.length > cell.length) {
    cell.text.appendData(readable(full.slice(cell.length)));
    cell.length = full.length;
    if (atEnd) cell.body.scrollTop = cell.body.scrollHeight;
  }
  const ended = live.ended[drawn.problem]?.[index];
  cell.element.dataset.ended = Boolean(ended);
  if (!drawn.scored) setText(cell.state, ended ? "■ ended" : full ? "writing …" : "waiting …");
}

/** Is this the group that the shown streams became? */
function isOf(group, live) {
  const same = group.step === live.step && group.split === live.split && group.size === drawn.cells.length;
  return same && group.problem.id === live.problems[drawn.problem].id && !group.superseded;
}

/** When the group's row has arrived, every stream shows how it was judged. */
function drawScores(live, codes) {
  const row = [...model.groups.values()].find((group) => isOf(group, live));
  if (!row || drawn.scored === row) return;
  drawn.scored = row;
  drawn.cells.forEach(({ state, element }, index) => {
    const word = codes.outcomes[row.outcomes[index]];
    element.className = `stream judged tone-${word?.tone ?? "muted"}`;
    const reward = number(row.rewards[index]);
    state.replaceChildren(square(word, index, row.rewards[index]), ` ${word?.label ?? "not judged"} · ${reward}`);
  });
}
