// The bar on top: links that keep the run, the list of all runs, and the connection's state.
"use strict";

import { el, part, setText } from "../shared/dom.js";
import { ALIVE, listen, model, page, selectRun } from "../shared/stream.js";
import { pageAddress, rememberReference, words } from "../shared/site.js";

const TOUCH = {
  live: ["live", "What happens in the run shows up here within a second."],
  still: ["up to date", "The run is not training; should it go on, that shows up here."],
  waiting: ["connecting …", "No connection to grpo-dash at the moment."],
  none: ["", ""],
};

export async function mount(root) {
  const { statuses } = await words();
  const name = root.querySelector(".head").dataset.page;
  part(root, `to-${name}`).setAttribute("aria-current", "page");
  part(root, "runs").addEventListener("change", (event) => choose(name, event.target.value));
  part(root, "newer").addEventListener("click", () => choose(name, page.runs[0].id));
  listen((change) => {
    if (change.runs || change.whole) drawNewer(part(root, "newer"));
    if (change.runs || change.whole || change.run) drawRuns(part(root, "runs"), statuses);
    drawLinks(root);
    drawTouch(root);
    drawTrouble(root);
    drawTitle(statuses);
  });
}

function choose(name, runId) {
  rememberReference(name, { run: runId });
  selectRun(runId);
}

function drawLinks(root) {
  const reference = page.runId ? { run: page.runId } : null;
  part(root, "brand").href = part(root, "to-run").href = pageAddress("run", reference);
  for (const name of ["groups", "problems", "runs", "playground", "new"]) part(root, `to-${name}`).href = pageAddress(name, reference);
}

function drawRuns(select, statuses) {
  const runs = (page.runs ?? []).map((run) => (run.id === model.run?.id ? model.run : run));
  const options = runs.map((run) => ({ id: run.id, text: optionText(run, statuses[run.status]) }));
  const same = options.length === select.options.length && options.every((o, i) => o.text === select.options[i].text);
  if (!same) select.replaceChildren(...options.map(({ id, text }) => el("option", { value: id }, text)));
  select.value = page.runId ?? "";
  select.parentElement.hidden = !options.length;
}

/** A run that started after the shown one is a click away. */
function drawNewer(button) {
  const newest = page.runs?.[0];
  button.hidden = !page.runId || !newest || newest.id === page.runId || !ALIVE.has(newest.status);
  if (!button.hidden) setText(button, `▶ ${newest.id} is training`);
}

function optionText(run, word) {
  const steps = run.step === null ? "" : ` · step ${run.step}${run.max_steps ? `/${run.max_steps}` : ""}`;
  const notes = [run.status === "finished" && run.stop_reason, run.stalled && "stalled"].filter(Boolean);
  return `${word.mark} ${run.id} · ${[word.label, ...notes].join(", ")}${steps}`;
}

function stateOfTouch() {
  if (!page.runId) return "none";
  if (!page.connected) return "waiting";
  return ALIVE.has(model.run?.status) ? "live" : "still";
}

function drawTouch(root) {
  const touch = part(root, "touch");
  const state = stateOfTouch();
  const [text, title] = TOUCH[state];
  touch.dataset.state = state;
  touch.title = title;
  setText(touch, text);
}

function drawTrouble(root) {
  const trouble = part(root, "trouble");
  setText(trouble, page.trouble ?? "");
  trouble.hidden = !page.trouble;
}

function drawTitle(statuses) {
  const status = model.run ? `${statuses[model.run.status].mark} ` : "";
  const title = model.run ? `${status}${model.run.id} · grpo-dash` : "grpo-dash";
  if (document.title !== title) document.title = title;
}
