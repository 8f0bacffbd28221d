// The question's form. What a person typed stays; settings that nobody touched follow the chosen subject's run.
"use strict";

import { el, part, setText } from "../shared/dom.js";
import { askSides, cancelAll, defaultQuestion, desk, loadSubjects, onDesk, subjectsKnown, warmUp } from "../shared/desk.js";
import { listen, model, page } from "../shared/stream.js";
import { ask as get, pageAddress, parameter, parsedReference, send } from "../shared/site.js";

const NUMBERS = ["k", "temperature", "top_p", "max_completion_length", "seed"];
const SETTINGS = [...NUMBERS, "system_prompt"];
const OTHER = "other";
const NOBODY = "";
/** The playground's process ends when it was idle for five minutes. */
const WARM_MILLISECONDS = 240_000;

/** `gold` and `steps` belong to the problem that was taken over; `touched` are the settings that a person changed; `defaults` is
 * kept once the others have come; `warm` is what was made ready last, and when; `waits`: asked, but not all of it is known yet. */
const form = { gold: null, steps: [], touched: new Set(), run: null, known: null, defaults: Promise.resolve(), warm: {}, waits: false };

export async function mount(root) {
  wire(root);
  onDesk((what) => {
    if (what.subjects) drawSubjects(root);
    if (what.recalled) fillIn(root, what.recalled, what.beside);
    drawBusy(root);
  });
  listen((change) => {
    if (isNewToAsk(change)) loadSubjects().catch((error) => say(root, error.message));
    if (page.runId && page.runId !== form.run) followRun(root);
  });
  await takeGroup(root);
}

function wire(root) {
  const ask = (event) => { event.preventDefault(); askNow(root); };
  const isSend = (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey);
  part(root, "form").addEventListener("submit", ask);
  part(root, "form").addEventListener("focusin", () => warm(root));
  part(root, "form").addEventListener("keydown", (event) => isSend(event) && ask(event));
  part(root, "cancel").addEventListener("click", () => cancelAll().catch((error) => say(root, error.message)));
  part(root, "random").addEventListener("click", () => takeRandom(root));
  part(root, "prompt").addEventListener("input", () => leaveProblem(root));
  part(root, "gold").addEventListener("input", () => setSteps(root, []));
  for (const name of SETTINGS) part(root, name).addEventListener("input", () => form.touched.add(name));
  for (const side of [0, 1]) part(root, `subject-${side}`).addEventListener("change", () => choose(root, side));
  part(root, "path-0").addEventListener("change", () => { form.defaults = takeDefaults(root); });
}

/** Has a checkpoint been written, or a run come, gone or ended, since the subjects were asked for? */
function isNewToAsk(change) {
  if (!change.checkpoints && !change.whole && !change.runs) return false;
  const runs = (page.runs ?? []).map(({ id, status }) => `${id} ${status}`);
  const checkpoints = model.checkpoints.map(({ step, complete }) => [step, complete]);
  const known = JSON.stringify([runs, model.run?.status, checkpoints]);
  if (known === form.known) return false;
  form.known = known;
  return true;
}

/** Subjects as options: the trainers that can answer, then each run's checkpoints, then any other model. */
function drawSubjects(root) {
  const trainers = desk.trainers.map((subject) => ({ value: `trainer ${subject.run}`, text: `▶ ${subject.label}` }));
  const subjects = desk.subjects.map((subject, index) => ({ value: valueOf(subject), text: subject.label, index }));
  const other = { value: OTHER, text: "another model …" };
  if (!subjects.length) return;
  for (const side of [0, 1]) {
    const select = part(root, `subject-${side}`);
    const before = select.value;
    const all = [...(side ? [{ value: NOBODY, text: "nobody" }] : []), ...subjects, ...trainers, other];
    if (all.map(({ text }) => text).join("\n") === select.dataset.drawn) continue;
    select.dataset.drawn = all.map(({ text }) => text).join("\n");
    select.replaceChildren(...all.map(({ value, text }) => el("option", { value }, text)));
    if (all.some(({ value }) => value === before)) select.value = before;
  }
  if (form.run !== page.runId) followRun(root);
  else warm(root);
}

const valueOf = ({ run, path }) => JSON.stringify([run, path]);

/** The run that the page's head shows: its newest checkpoint is asked. */
function followRun(root) {
  if (!desk.subjects.length) return;
  form.run = page.runId;
  const newest = desk.subjects.find(({ run }) => run === page.runId);
  if (newest) part(root, "subject-0").value = valueOf(newest);
  choose(root, 0);
}

function choose(root, side) {
  const path = part(root, `path-${side}`);
  path.hidden = part(root, `subject-${side}`).value !== OTHER;
  if (!path.hidden) path.focus();
  if (side === 0) form.defaults = takeDefaults(root);
  if (side === 0) warm(root);
}

/** Before anybody asks: the playground's process is started and loads the subject, which takes some seconds. */
async function warm(root) {
  const { subject, trainer } = chosen(root, 0) ?? {};
  if (!subject || trainer || desk.busy) return;
  const value = valueOf(subject);
  if (form.warm.value === value && Date.now() - form.warm.at < WARM_MILLISECONDS) return;
  const mine = (form.warm = { value, at: Date.now() });
  const tell = (text) => form.warm === mine && setText(part(root, "ready"), text);
  const told = { loading: ({ message }) => message, done: () => "ready", failed: ({ message }) => message };
  try {
    await warmUp({ subject }, (event) => tell(told[event.event]?.(event) ?? ""));
  } catch {
    tell("");
  }
}

/** The subject of a side as `{subject, trainer}`; of a typed path `{path}`. Null where nobody is chosen. */
function chosen(root, side) {
  const { value } = part(root, `subject-${side}`);
  if (value === NOBODY) return null;
  if (value === OTHER) return { path: part(root, `path-${side}`).value };
  const trainer = desk.trainers.find(({ run }) => value === `trainer ${run}`);
  if (trainer) return { subject: trainer, trainer: trainer.run };
  return { subject: desk.subjects.find((subject) => valueOf(subject) === value) };
}

async function takeDefaults(root) {
  const { subject, path } = chosen(root, 0) ?? {};
  if (!subject && !path) return;
  const question = await defaultQuestion({ subject, path }).catch(() => null);
  if (!question) return;
  for (const name of SETTINGS) if (!form.touched.has(name)) part(root, name).value = question[name];
  const template = part(root, "template");
  template.hidden = question.prompt_template.trim() === "{problem}";
  setText(template, `Asked as its run asks, in the template: ${question.prompt_template}`);
}

/** A group's problem, which the address names: `?group=RUN/group/ID`. */
async function takeGroup(root) {
  const reference = parsedReference(parameter("group"));
  if (reference?.group === null || !reference) return;
  try {
    const { group } = await get(`api/runs/${reference.run}/group/${reference.group}`);
    takeProblem(root, group.problem);
    const link = part(root, "group");
    link.href = pageAddress("groups", reference);
    link.hidden = false;
    setText(link, `from group ${reference.group}`);
  } catch (error) {
    say(root, error.message);
  }
}

async function takeRandom(root) {
  const run = chosen(root, 0)?.subject?.run;
  try {
    const { problem } = await get(`api/playground/problem${run ? `?run=${encodeURIComponent(run)}` : ""}`);
    part(root, "group").hidden = true;
    if (problem.prompt) takeProblem(root, problem);
    else say(root, "This run holds no problem out.");
  } catch (error) {
    say(root, error.message);
  }
}

function takeProblem(root, { prompt, gold, steps }) {
  part(root, "prompt").value = prompt;
  part(root, "gold").value = form.gold = gold;
  setSteps(root, steps);
}

/** A question that was changed is another one: the gold answer and the steps that came with it are not its own. */
function leaveProblem(root) {
  if (form.gold !== null && part(root, "gold").value === form.gold) part(root, "gold").value = "";
  form.gold = null;
  setSteps(root, []);
}

function setSteps(root, steps) {
  form.steps = steps;
  const note = part(root, "steps");
  note.hidden = !steps.length;
  setText(note, `${steps.length} reference steps go along: lines that equal one are marked.`);
}

function fillIn(root, question, beside) {
  takeProblem(root, question);
  choosePast(root, 0, question.subject);
  choosePast(root, 1, beside?.subject ?? null);
  for (const name of SETTINGS) part(root, name).value = question[name];
  for (const name of SETTINGS) form.touched.add(name);
}

/** Whom a question of the history was asked, if they still can be. */
function choosePast(root, side, subject) {
  const same = ({ label, path }) => label === subject.label && path === subject.path;
  const found = subject && desk.subjects.find(same);
  if (subject && !found) return;
  part(root, `subject-${side}`).value = found ? valueOf(found) : NOBODY;
  part(root, `path-${side}`).hidden = true;
}

function settingsOf(root) {
  const settings = { prompt: part(root, "prompt").value, gold: part(root, "gold").value.trim(), steps: form.steps };
  for (const name of NUMBERS) settings[name] = part(root, name).value === "" ? null : Number(part(root, name).value);
  return { ...settings, system_prompt: part(root, "system_prompt").value };
}

async function sidesOf(root) {
  const found = [chosen(root, 0), chosen(root, 1)].filter(Boolean);
  const sides = found.map(async ({ subject, trainer = null, path }) => {
    const whom = subject ?? (await defaultQuestion({ path })).subject;
    return { question: { ...settingsOf(root), subject: whom }, trainer };
  });
  return Promise.all(sides);
}

/** The sides, once it is known who can be asked, and how: a question may be sent before the page has heard of it. */
async function sidesSoon(root) {
  form.waits = true;
  say(root, desk.subjects.length ? "" : "Sent as soon as it is known which models there are …");
  try {
    await subjectsKnown;
    await form.defaults;
    return await sidesOf(root);
  } finally {
    form.waits = false;
    say(root, "");
  }
}

async function askNow(root, change = (side) => side, anyway = false) {
  if (desk.busy || form.waits) return;
  try {
    await askSides((await sidesSoon(root)).map(change), anyway);
  } catch (error) {
    say(root, error.message);
    if (error.answer?.conflict) offerWays(root, error.answer.conflict);
    for (const name of Object.keys(error.answer?.fields ?? {}).slice(0, 1)) part(root, name)?.focus();
  }
}

function say(root, message) {
  setText(part(root, "said"), message);
  part(root, "said").hidden = !message;
  part(root, "ways").hidden = true;
}

/** A training is on the GPU: the ways out that its sentence names. */
function offerWays(root, run) {
  const suspend = async () => {
    const refused = (error) => ({ sentence: error.message });
    const { sentence } = await send(`api/runs/${run}/commands`, { kind: "suspend" }).catch(refused);
    say(root, `${sentence} Ask again when it is suspended.`);
  };
  const ways = [
    ["Let the trainer answer", () => askNow(root, (side) => ({ ...side, trainer: side.trainer ?? run }))],
    [`Suspend ${run}`, suspend],
    ["Load it all the same", () => askNow(root, (side) => side, true)],
  ];
  const buttons = ways.map(([text, onclick]) => el("button.press", { type: "button", onclick }, text));
  part(root, "ways").replaceChildren(...buttons);
  part(root, "ways").hidden = false;
}

function drawBusy(root) {
  part(root, "ask").disabled = desk.busy;
  setText(part(root, "ask"), desk.busy ? "Asking …" : "Ask");
  part(root, "cancel").hidden = !desk.busy;
  part(root, "hint").hidden = part(root, "ready").hidden = desk.busy;
}
