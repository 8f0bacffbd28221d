// The buttons that make sense now, each press one command; why the run ended; and what was asked of it before.
"use strict";

import { el, part, setText } from "../shared/dom.js";
import { dateTime } from "../shared/format.js";
import { ALIVE, listen, model, page } from "../shared/stream.js";
import { send } from "../shared/site.js";

const PATIENCE_SECONDS = 20;
const STOP_NOW = {
  kind: "stop",
  label: "Stop now",
  meaning: "End the trainer at once: what came after its last checkpoint is lost.",
  now: true,
};
/** What changes no status is over once the trainer has done it, and says then what came of it. */
const WITHOUT_STATUS = new Set(["checkpoint", "evaluate"]);
const NO_COMMANDS = "This run belongs to somebody's own script, which takes no commands: end it there.";

/** By button: the run's status when it was pressed. `confirm` is the button that waits for a yes. */
const state = { run: null, asked: new Map(), confirm: null, said: null, timer: null };

export function mount(root) {
  part(root, "fold").addEventListener("click", () => fold(root));
  root.addEventListener("keydown", (event) => event.key === "Escape" && state.confirm && withdraw(root));
  listen((change) => {
    if (change.run || change.commands || change.whole) draw(root, change);
  });
}

const keyOf = ({ kind, discard, now }) => [kind, discard && "discard", now && "now"].filter(Boolean).join(" ");

function draw(root, change) {
  if (state.run !== page.runId) Object.assign(state, { run: page.runId, asked: new Map(), confirm: null, said: null });
  if (change.commands || change.whole) forgetWhatIsOver();
  for (const [key, status] of state.asked) if (status !== model.run?.status) state.asked.delete(key);
  for (const command of model.commands) if (isOpen(command)) state.asked.set(keyOf(command), model.run?.status);
  const { run } = model;
  const controls = run ? offered(run) : [];
  if (!controls.some((control) => keyOf(control) === state.confirm)) state.confirm = null;
  part(root, "card").hidden = !controls.length && !model.commands.length && !run?.ending && !run?.watched;
  if (!run) return;
  drawButtons(root, run, controls);
  drawDoubt(part(root, "doubt"), controls);
  drawSaid(part(root, "said"), run);
  drawEnding(root, run.ending);
  drawAsked(root);
}

/** What waits in the store was asked, whoever asked it. */
const isOpen = ({ acknowledged_at: at }) => at === null;

/** What was refused, or needs no change of the status, is over when the trainer has done it. */
function forgetWhatIsOver() {
  for (const key of [...state.asked.keys()]) {
    const newest = model.commands.find((command) => keyOf(command) === key);
    const done = WITHOUT_STATUS.has(newest?.kind) && newest.done;
    if (done || /^(refused|too late)/.test(newest?.result ?? "")) state.asked.delete(key);
  }
}

/** The sentence about the newest press: what came of it, once that is known. */
function saidText({ text, key, after }) {
  const command = key && model.commands.find((each) => keyOf(each) === key && each.id > after);
  const { kind, result, done } = command ?? {};
  return done && WITHOUT_STATUS.has(kind) ? `${kind[0].toUpperCase()}${kind.slice(1)}: ${result}.` : text;
}

function offered(run) {
  return run.watched || !isSlow(run) ? run.controls : [...run.controls, STOP_NOW];
}

/** Was it asked to end a while ago, or does it not stir? Then it may be ended without its consent. */
function isSlow(run) {
  clearTimeout(state.timer);
  if (!ALIVE.has(run.status)) return false;
  if (run.stalled || run.orphan) return true;
  const ends = (command) => command.kind === "stop" || command.kind === "suspend";
  const asked = model.commands.find((command) => ends(command) && (isOpen(command) || run.status === "stopping"));
  if (!asked) return false;
  const left = asked.created_at + PATIENCE_SECONDS - Date.now() / 1000;
  if (left > 0) state.timer = setTimeout(() => drawLater(), left * 1000 + 50);
  return left <= 0;
}

function drawLater() {
  const root = document.getElementById("panel-controls");
  if (root) draw(root, {});
}

function drawButtons(root, run, controls) {
  const confirmed = controls.find((control) => keyOf(control) === state.confirm);
  const confirm = part(root, "confirm");
  if (confirm.dataset.control !== String(state.confirm)) {
    confirm.dataset.control = state.confirm;
    confirm.replaceChildren(...(confirmed ? confirmation(root, confirmed) : []));
  }
  confirm.hidden = !confirmed;
  const drawn = JSON.stringify([controls, [...state.asked]]);
  const buttons = part(root, "buttons");
  if (buttons.dataset.drawn === drawn) return;
  const focused = buttons.contains(document.activeElement) ? document.activeElement.dataset.control : null;
  buttons.dataset.drawn = drawn;
  buttons.replaceChildren(...controls.map((control) => button(root, control)));
  buttons.querySelector(`[data-control="${focused}"]`)?.focus();
}

function button(root, control) {
  const key = keyOf(control);
  const asked = state.asked.has(key);
  const name = isFinal(control) ? ".final" : control.kind === "resume" ? ".first" : "";
  const title = asked ? `${control.meaning} It has been asked and waits for the trainer.` : control.meaning;
  const onclick = () => !state.asked.has(key) && (isFinal(control) ? ask(root, key) : press(root, control));
  const properties = { type: "button", title, "data-control": key, "aria-disabled": asked, onclick };
  return el(`button.press${name}`, properties, asked ? `${control.label}: asked …` : control.label);
}

const isFinal = ({ kind }) => kind === "stop";

/** Ask back, below the buttons, where no second click of a double click lands; the safe answer has the focus. */
function ask(root, key) {
  state.confirm = key;
  draw(root, {});
  part(root, "confirm").querySelector("[data-safe]").focus();
}

function confirmation(root, control) {
  const yes = { type: "button", "data-yes": true, onclick: () => press(root, control) };
  const no = { type: "button", "data-safe": true, onclick: () => withdraw(root) };
  return [
    el("span", {}, el("b", {}, `${control.label}? `), control.meaning),
    el("button.press.final", yes, `Yes, ${control.label.toLowerCase()}`),
    el("button.press", no, "No"),
  ];
}

function withdraw(root) {
  const key = state.confirm;
  state.confirm = null;
  draw(root, {});
  part(root, "buttons").querySelector(`[data-control="${key}"]`)?.focus();
}

async function press(root, control) {
  const { id, status } = model.run;
  const { kind, discard = false, now = false } = control;
  const key = keyOf(control);
  const after = model.commands[0]?.id ?? 0;
  state.asked.set(key, status);
  Object.assign(state, { confirm: null, said: null });
  draw(root, {});
  try {
    const { sentence } = await send(`api/runs/${id}/commands`, { kind, discard, now });
    state.said = { text: sentence, tone: "muted", status, key, after };
  } catch (error) {
    state.asked.delete(key);
    state.said = { text: error.message, tone: "bad", status };
  }
  if (state.run === id) draw(root, {});
}

/** What a person should know before pressing: a resume that may not be exact. */
function drawDoubt(element, controls) {
  const doubts = controls.filter(({ doubt }) => doubt).map(({ label, doubt }) => `${label}: ${doubt}`);
  element.hidden = !doubts.length;
  setText(element, doubts.join(" "));
}

/** What the server answered, until the run is somewhere else. */
function drawSaid(element, run) {
  if (state.said && state.said.status !== run.status && state.said.tone !== "bad") state.said = null;
  const text = state.said ? saidText(state.said) : run.watched ? NO_COMMANDS : "";
  element.hidden = !text;
  element.className = `said tone-${state.said?.tone ?? "muted"}`;
  setText(element, text);
}

function drawEnding(root, ending) {
  part(root, "cause").hidden = !ending;
  part(root, "log").hidden = !ending?.log.length;
  if (!ending) return;
  const { code: number, signal } = ending;
  const how = signal !== null ? `signal ${signal}` : number !== null ? `exit code ${number}` : "";
  const code = how && el("span.exit.number", { title: "How the trainer's process ended" }, how);
  part(root, "cause").replaceChildren(el("b", {}, ending.cause), " ", code || "");
  const lines = el("pre", { tabindex: "0", "aria-label": "Last lines of the log" }, ending.log.join("\n"));
  part(root, "log").replaceChildren(el("span.soft", {}, `Last lines of ${model.run.id}/log.txt`), lines);
  lines.scrollTop = lines.scrollHeight;
}

function fold(root) {
  const asked = part(root, "asked");
  asked.hidden = !asked.hidden;
  part(root, "fold").setAttribute("aria-expanded", String(!asked.hidden));
  drawAsked(root);
}

function drawAsked(root) {
  const button = part(root, "fold");
  const hidden = part(root, "asked").hidden;
  button.hidden = !model.commands.length;
  setText(button, hidden ? `commands (${model.commands.length}) ▸` : "hide ▾");
  if (!hidden) part(root, "asked").replaceChildren(tableOf(model.commands));
}

function tableOf(commands) {
  const names = ["Asked for", "by", "when", "What came of it"];
  const head = el("tr", {}, ...names.map((name) => el("th", { scope: "col" }, name)));
  return el("table", {}, el("thead", {}, head), el("tbody", {}, ...commands.map(rowOf)));
}

function rowOf({ kind, discard, issuer, created_at: created, result }) {
  const when = dateTime(new Date(created * 1000).toISOString());
  const cells = [discard ? "discard" : kind, issuer, when, result ?? "not yet: the trainer takes note after its step"];
  return el("tr", {}, ...cells.map((cell) => el("td", {}, cell)));
}
