// The run's status and progress. Its clocks tick here; everything else comes from the stream.
"use strict";

import { badge, el, part, setText } from "../shared/dom.js";
import { count, dateTime, duration } from "../shared/format.js";
import { noRunElements, showsNoRun } from "../shared/no_run.js";
import { ALIVE, listen, model } from "../shared/stream.js";
import { currentReference, rememberReference, words } from "../shared/site.js";

const STOPPED = { stopped: "stopped, the model was kept", discarded: "discarded, its checkpoints were removed" };

export async function mount(root) {
  const codes = await words();
  listen((change) => {
    drawEmpty(root);
    if (change.run || change.whole) drawRun(root, codes);
    if (change.run || change.whole || change.live || change.live_add) drawPhase(part(root, "phase"), codes.phases);
  });
  setInterval(() => model.run && drawClock(root, model.run), 1000);
}

function drawEmpty(root) {
  part(root, "card").hidden = !model.run;
  const empty = part(root, "empty");
  empty.hidden = !showsNoRun();
  if (!empty.hidden) empty.replaceChildren(...noRunElements());
}

function drawRun(root, { statuses }) {
  const run = model.run;
  if (!run) return;
  if (currentReference()?.run !== run.id) rememberReference("run", { run: run.id });
  setText(part(root, "name"), run.name);
  part(root, "status").replaceChildren(statusBadge(run, statuses));
  part(root, "facts").replaceChildren(...factsOf(run).map(([title, text]) => el("span", { title }, text)));
  drawNotes(part(root, "notes"), run.notes);
  drawBar(root, run);
  drawClock(root, run);
}

/** What the run does only roughly as its settings say, and what its own reward functions failed at. */
function drawNotes(list, notes) {
  list.hidden = !notes.length;
  list.replaceChildren(...notes.map((note) => el("li", {}, note)));
}

/** From the live feed, which knows it best, unless the run evaluates. */
function drawPhase(element, labels) {
  const { run, live } = model;
  const phase = live && run?.phase !== "evaluate" ? live.phase : run?.phase;
  setText(element, phase && ALIVE.has(run?.status) && run.status !== "paused" ? labels[phase] ?? phase : "");
}

function statusBadge(run, statuses) {
  const word = statuses[run.status];
  if (run.notice) return badge({ ...word, label: `${word.label}, see why`, tone: "warn" }, run.notice);
  if (!run.stalled) return badge(word);
  const stalled = { ...word, label: `${word.label}, stalled`, tone: "warn" };
  return badge(stalled, "The trainer has given no sign of life, or has come to nothing, for a while.");
}

function factsOf(run) {
  return [
    ["The run's id", run.id],
    ["Model", run.model],
    ["Objective: how a group's rewards become advantages", run.objective],
    ["Backend: what trains", run.backend],
    ["The class that really trains", run.trainer],
    ["When the run was made", run.created_at && dateTime(run.created_at)],
    ["What the status does not say", run.notice],
    ["Why it ended before its last step", run.status === "finished" && STOPPED[run.stop_reason]],
  ].filter(([, text]) => text);
}

function drawBar(root, run) {
  const share = run.max_steps ? Math.min(1, (run.step ?? 0) / run.max_steps) : 0;
  part(root, "done").style.width = `${share * 100}%`;
  part(root, "bar").setAttribute("aria-valuenow", run.step ?? 0);
  part(root, "bar").setAttribute("aria-valuemax", run.max_steps ?? 0);
  part(root, "bar").dataset.alive = ALIVE.has(run.status);
  setText(part(root, "steps"), run.step === null ? "no step yet" : `step ${count(run.step)} of ${count(run.max_steps)}`);
}

function drawClock(root, run) {
  const passed = ALIVE.has(run.status) ? (performance.now() - model.runSeenAt) / 1000 : 0;
  const elapsed = run.elapsed_seconds === null ? null : run.elapsed_seconds + passed;
  const taken = ALIVE.has(run.status) ? `${duration(elapsed)} so far` : `took ${duration(elapsed)}`;
  setText(part(root, "elapsed"), elapsed === null ? "" : taken);
  const left = run.eta_seconds === null ? null : Math.max(0, run.eta_seconds - passed);
  setText(part(root, "left"), left === null ? "" : `about ${duration(left)} left`);
}
