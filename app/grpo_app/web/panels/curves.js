// The curves of a run, a few times a second at most and only those in sight. One cursor and one zoom for all of them.
"use strict";

import { atMostEvery, oncePerFrame, part, setText } from "../shared/dom.js";
import { curveCard, drawCard, isNew, pointCard } from "../shared/curve_card.js";
import { curveParameters, curveView, onCurveView, setCurveView } from "../shared/curve_view.js";
import { cursor, onCursor } from "../shared/cursor.js";
import { setDetail } from "../shared/model.js";
import { listen, model, page } from "../shared/stream.js";
import { ask, rememberParameters, rememberReference, words } from "../shared/site.js";
import { loadPlotly } from "../shared/plotly.js";

const REDRAW_MILLISECONDS = 500;
/** Charts that answer whether it learns: a large one and two beside it. */
const FIRST = new Set(["learning", "reward", "signals", "signal"]);

const state = { cards: new Map(), signature: "", seen: null, drawable: false };

export async function mount(root) {
  const plotly = loadPlotly(part(root, "curves").dataset.plotly);
  const { scopes } = await words();
  state.seen = new IntersectionObserver(whenSeen, { rootMargin: "200px" });
  rememberParameters(curveParameters());
  const drawAll = atMostEvery(REDRAW_MILLISECONDS, () => drawDirty(root));
  wireTools(root, drawAll);
  whenDrawable(plotly, drawAll);
  listen((change) => {
    part(root, "curves").hidden = !model.run;
    if (change.charts || change.whole) arrange(root, scopes);
    if (change.whole && model.run && curveView.steps) lookCloser(drawAll);
    if (change.reset || change.whole) makeDirty(drawAll);
    else if (change.metrics || change.evals) makeDirty(drawAll, ({ series }) => series.some(isIn(change)));
  });
  onCursor(() => {
    drawStep(root);
    for (const card of state.cards.values()) if (card.visible) pointCard(card);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => makeDirty(drawAll));
}

/** The cards stand before Plotly is there, so that nothing below them moves when it comes. */
async function whenDrawable(plotly, drawAll) {
  await plotly;
  state.drawable = true;
  makeDirty(drawAll);
}

/** A long run's curves come averaged over steps: of those that a person zoomed to, ask for the steps themselves. */
async function lookCloser(drawAll) {
  const { steps } = curveView;
  const run = page.runId;
  model.detail = null;
  if (!steps || !isAveraged(steps)) return;
  const answer = await ask(`api/runs/${run}/curves?first=${steps[0]}&last=${steps[1]}`).catch(() => null);
  if (!answer || run !== page.runId || String(steps) !== String(curveView.steps)) return;
  setDetail(model, ...steps, answer.metrics);
  makeDirty(drawAll);
}

function isAveraged([first, last]) {
  const all = [...model.series.values()].map(({ steps }) => steps);
  const longest = all.reduce((most, steps) => (steps.length > most.length ? steps : most), []);
  const within = longest.filter((step) => step >= first && step <= last);
  return within.length < 0.6 * Math.min(last - first, longest.at(-1) - first);
}

/** A card for every chart that the run has; those that are there already stay, with their zoom. */
function arrange(root, scopes) {
  const signature = JSON.stringify(model.charts.map((chart) => [chart.id, chart.series.map(({ key }) => key)]));
  if (signature === state.signature) return;
  state.signature = signature;
  const cards = new Map(model.charts.map((chart) => [JSON.stringify(chart), cardOf(chart, scopes)]));
  for (const [key, card] of state.cards) if (!cards.has(key)) state.seen.unobserve(card.element);
  state.cards = cards;
  const [first, rest] = [[], []];
  for (const { chart, element } of cards.values()) (FIRST.has(chart.id) ? first : rest).push(element);
  part(root, "first").replaceChildren(...first);
  part(root, "rest").replaceChildren(...rest);
  for (const { element } of cards.values()) state.seen.observe(element);
}

function cardOf(chart, scopes) {
  return state.cards.get(JSON.stringify(chart)) ?? curveCard(chart, scopes, zoomTo);
}

function zoomTo(steps) {
  if (String(steps) !== String(curveView.steps)) setCurveView({ steps });
}

const isIn = ({ metrics = {}, evals }) => ({ key, origin }) => (origin === "evaluation" ? Boolean(evals) : key in metrics);

function makeDirty(drawAll, isChanged = () => true) {
  for (const card of state.cards.values()) card.dirty ||= isChanged(card.chart);
  drawAll();
}

function whenSeen(entries) {
  for (const { target, isIntersecting } of entries) {
    const card = [...state.cards.values()].find(({ element }) => element === target);
    if (!card) continue;
    card.visible = isIntersecting;
    if (isIntersecting && !card.dirty) pointCard(card);
  }
  drawVisible();
}

function drawDirty(root) {
  drawVisible();
  drawStep(root);
}

/** To draw a curve anew is quick. Its first drawing is not: one a frame, so that the first ones are seen at once. */
function drawVisible() {
  if (!state.drawable) return;
  const wanted = [...state.cards.values()].filter(({ visible, dirty }) => visible && dirty);
  const [first] = wanted.filter(isNew);
  for (const card of wanted) if (card === first || !isNew(card)) drawCard(card, curveView, zoomTo);
  if (wanted.some((card) => card.dirty)) drawSoon();
}

const drawSoon = oncePerFrame(drawVisible);

function wireTools(root, drawAll) {
  const [smooth, log, clip] = ["smooth", "log", "clip"].map((name) => part(root, name));
  smooth.addEventListener("input", () => setCurveView({ smooth: Number(smooth.value) }));
  log.addEventListener("change", () => setCurveView({ log: log.checked }));
  clip.addEventListener("change", () => setCurveView({ clip: clip.checked }));
  part(root, "whole").addEventListener("click", () => zoomTo(null));
  onCurveView((changed) => {
    showTools(root);
    if ("steps" in changed) lookCloser(drawAll);
    makeDirty(drawAll);
    rememberParameters(curveParameters());
    if (page.runId) rememberReference("run", { run: page.runId });
  });
  showTools(root);
}

function showTools(root) {
  const { smooth, log, clip, steps } = curveView;
  part(root, "smooth").value = smooth;
  setText(part(root, "smoothness"), smooth ? smooth.toFixed(2) : "off");
  part(root, "log").checked = log;
  part(root, "clip").checked = clip;
  part(root, "whole").hidden = steps === null;
  if (steps) setText(part(root, "whole"), `steps ${steps[0]}–${steps[1]} · show all`);
}

function drawStep(root) {
  setText(part(root, "step"), cursor.step === null ? "" : `step ${cursor.step}`);
}
