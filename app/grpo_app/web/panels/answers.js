// The answers: text is appended as it is written; a finished completion becomes the card that a group's has.
"use strict";

import { badge, el, part, readable, setText } from "../shared/dom.js";
import { percent } from "../shared/format.js";
import { completionCard } from "../shared/completion.js";
import { desk, onDesk } from "../shared/desk.js";
import { words } from "../shared/site.js";

/** What is drawn of each side: its status line, its figures, the container, and a cell by completion. */
let drawn = [];

export async function mount(root) {
  const codes = await words();
  onDesk((what) => {
    if (what.sides && !isDrawn()) begin(root);
    if (what.event) drawEvent(what.event, codes);
    if (what.sides) desk.sides.forEach((side, index) => drawSide(side, drawn[index], codes));
  });
}

function isDrawn() {
  return drawn.length === desk.sides.length && drawn.every(({ of }, index) => of === desk.sides[index]);
}

function begin(root) {
  part(root, "empty").hidden = desk.sides.length > 0;
  drawn = desk.sides.map(newDrawing);
  const sides = part(root, "sides");
  sides.dataset.count = drawn.length;
  sides.replaceChildren(...drawn.map(({ element }) => element));
  if (drawn.length && root.getBoundingClientRect().top > innerHeight * 0.8) root.scrollIntoView({ block: "start" });
}

function newDrawing(side) {
  const { subject, prompt, gold } = side.question;
  const status = el("span.side-status.soft", { role: "status" });
  const figures = el("span.side-figures");
  const cards = el("div.completions");
  const goldText = gold && el("div.gold", {}, el("span.soft", {}, "gold answer "), el("b", {}, gold));
  const head = el(
    "div.card.side-head",
    {},
    el("div.side-title", {}, el("h2", { title: subject.path }, subject.label), status, figures),
    el("div.problem", {}, el(prompt.length > 80 ? "div.prompt.prose-prompt" : "div.prompt", {}, prompt), goldText),
  );
  const element = el("section.side", { "aria-label": subject.label }, head, cards);
  return { of: side, element, status, figures, cards, cells: new Map() };
}

function drawEvent(event, codes) {
  const [side, drawing] = [desk.sides[event.side], drawn[event.side]];
  if (event.event === "text") append(side, drawing, event.index);
  else drawSide(side, drawing, codes);
  drawStatus(side, drawing);
}

function drawSide(side, drawing, codes) {
  for (const completion of side.completions.values()) finish(side, drawing, completion, codes);
  drawStatus(side, drawing);
  drawFigures(side, drawing.figures, codes);
  if (!side.done && !side.failed) return;
  for (const cell of drawing.cells.values()) if (cell.text) setText(cell.state, "· cut off");
}

/** A cell's place follows its index, whichever completion is written first. */
function cellOf(drawing, index, element) {
  const later = [...drawing.cells.keys()].filter((other) => other > index).sort((a, b) => a - b)[0];
  drawing.cards.insertBefore(element, later === undefined ? null : drawing.cells.get(later).element);
}

function append(side, drawing, index) {
  if (!drawing.cells.has(index)) {
    const text = document.createTextNode("");
    const state = el("span.badge.tone-accent", {}, "… writing");
    const title = el("div.completion-title", {}, el("b.k.soft", {}, `k${index}`), state);
    const body = el("div.completion-text", {}, el("div.line", {}, el("span.line-text", {}, text)));
    const element = el("article.completion.card.tone-muted", { "data-k": index }, title, body);
    cellOf(drawing, index, element);
    drawing.cells.set(index, { element, text, state, body, length: 0 });
  }
  const cell = drawing.cells.get(index);
  const full = side.texts.get(index);
  cell.text.appendData(readable(full.slice(cell.length)));
  cell.length = full.length;
  cell.body.scrollTop = cell.body.scrollHeight;
}

function finish(side, drawing, completion, codes) {
  const before = drawing.cells.get(completion.index);
  if (before && !before.text) return;
  const card = completionCard(completion, null, codes, null);
  if (before) before.element.replaceWith(card);
  else cellOf(drawing, completion.index, card);
  drawing.cells.set(completion.index, { element: card });
}

function drawStatus(side, { status }) {
  const texts = [
    [side.failed, side.failed],
    [side.done?.cancelled, "cancelled"],
    [side.done, side.done && `took ${side.done.seconds.toFixed(1)} s`],
    [side.loading, side.loading],
  ];
  setText(status, texts.find(([applies]) => applies)?.[1] ?? "answering …");
  status.classList.toggle("failed", Boolean(side.failed));
}

function drawFigures(side, element, codes) {
  const { done } = side;
  if (!done?.judged) return element.replaceChildren();
  const k = done.judged;
  const share = `${done.correct} of ${k} right`;
  const figures = [
    badge(codes.outcomes[done.correct ? "correct" : "wrong"], "How many of the completions the judge called right"),
    el("b.number", {}, share),
    figure("pass@1", done.pass_at_1, "The share of the completions that is right"),
    k > 1 ? figure(`pass@${k}`, done.pass_at_k, `Is any of the ${k} completions right?`) : null,
  ];
  return element.replaceChildren(...figures.slice(1).filter(Boolean));
}

function figure(name, rate, title) {
  return el("span.number", { title }, el("span.soft", {}, `${name} `), el("b", {}, percent(rate)));
}
