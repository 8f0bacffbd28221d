// The playground's state: who can be asked, the question on the desk, the answers as they come, and the history.
"use strict";

import { ask as get, send, sendForLines } from "./site.js";

const PAGE_ROWS = 20;
const LOOK_MILLISECONDS = 3000;
const PATIENCE_SECONDS = 600;
const LOST = "The connection was lost: the answer will be in the history.";

/** This tab, by which it cancels what it asked and nothing else. */
const ASKER = Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16)).join("");

/** `sides` are `{label, question, loading, texts, completions, done, failed}`, one or two; `asked` the history. */
export const desk = { subjects: [], trainers: [], sides: [], busy: false, asked: [], more: false, shown: null };

const listeners = new Set();
let looking = null;
let nowKnown = null;

/** Comes once it is known who can be asked. */
export const subjectsKnown = new Promise((resolve) => (nowKnown = resolve));

/** Calls `listener(what)` whenever something changed: `subjects`, `sides` (new ones), `event` (with it), `asked`. */
export function onDesk(listener) {
  listeners.add(listener);
  listener({ subjects: true, sides: true, asked: true });
}

function tell(what) {
  for (const listener of listeners) listener(what);
}

export async function loadSubjects() {
  const { subjects, trainers } = await get("api/playground/subjects");
  Object.assign(desk, { subjects, trainers });
  tell({ subjects: true });
  nowKnown();
}

export async function defaultQuestion(chosen) {
  return (await send("api/playground/question", chosen)).question;
}

/** Ask all sides; throws an Error with the server's sentence, whose `answer.conflict` names a run in the way. */
export async function askSides(sides, anyway = false) {
  Object.assign(desk, { busy: true, sides: sides.map(newSide), shown: null });
  tell({ sides: true });
  try {
    for await (const event of sendForLines("api/playground/ask", { sides, anyway, asker: ASKER })) take(event);
  } catch (error) {
    if (error.answer) desk.sides = [];
    else for (const side of desk.sides) if (!side.done) side.failed ??= LOST;
    throw error;
  } finally {
    desk.busy = false;
    tell({ sides: true });
    loadAsked();
  }
}

function newSide({ question, trainer }) {
  const loading = "waiting …";
  return { question, trainer, loading, texts: new Map(), completions: new Map(), done: null, failed: null };
}

function take(event) {
  const side = desk.sides[event.side];
  if (event.event === "loading") side.loading = event.message;
  else side.loading = null;
  if (event.event === "text") side.texts.set(event.index, (side.texts.get(event.index) ?? "") + event.added);
  if (event.event === "finished") side.completions.set(event.index, event.completion);
  if (event.event === "done") side.done = event;
  if (event.event === "failed") side.failed = event.message;
  tell({ event });
}

/** Start the playground's process and load the subject before it is asked; `listener` gets each event. */
export async function warmUp(chosen, listener) {
  for await (const event of sendForLines("api/playground/warm", chosen)) listener(event);
}

export async function cancelAll() {
  await send("api/playground/cancel", { asker: ASKER });
}

/** The newest page anew, or the page after what is there. */
export async function loadAsked(older = false) {
  const last = older ? desk.asked.at(-1) : null;
  const { asked, more } = await get(`api/playground/history?limit=${PAGE_ROWS}${last ? `&before=${last.id}` : ""}`);
  desk.asked = older ? [...desk.asked, ...asked] : asked;
  desk.more = more;
  tell({ asked: true });
  if (!older && !desk.busy) lookAgain();
}

/** What another tab, or this one before a reload, asked is not answered here: look until it is. */
function lookAgain() {
  clearTimeout(looking);
  const since = Date.now() / 1000 - PATIENCE_SECONDS;
  const all = desk.asked.slice(0, PAGE_ROWS).flatMap((asked) => [asked, ...asked.beside]);
  const open = all.some(({ seconds, asked_at: at }) => seconds === null && at > since);
  if (open) looking = setTimeout(() => loadAsked().catch(() => {}), LOOK_MILLISECONDS);
}

/** Show what was asked before, as it was answered. */
export function showAsked(asked) {
  if (desk.busy) return;
  Object.assign(desk, { sides: [asked, ...asked.beside].map(sideOf), shown: asked.id });
  tell({ sides: true, asked: true, recalled: asked.question, beside: asked.beside[0]?.question ?? null });
}

/** A side as it was answered; one that never was waits for nothing any more. */
function sideOf({ question, completions, done, error, seconds }) {
  const whole = new Map(completions.map((completion) => [completion.index, completion]));
  const loading = seconds === null ? "not answered" : null;
  return { ...newSide({ question, trainer: null }), loading, completions: whole, done, failed: error };
}
