// The table of runs, asked for again while the page is looked at; rows that say the same stay as they are.
"use strict";

import { badge, el, part, setText } from "../shared/dom.js";
import { keepingFocus } from "../shared/focus.js";
import { UNKNOWN, count, dateTime, duration, percent } from "../shared/format.js";
import { MOST_RUNS, chosen, onChosen, toggle } from "../shared/chosen_runs.js";
import { ALIVE, page } from "../shared/stream.js";
import { popover } from "../shared/popover.js";
import { ROOT, ask, pageAddress, send, words } from "../shared/site.js";
import { sparkline } from "../shared/spark.js";

const LOOK_MILLISECONDS = 5000;
/** While runs are still being looked through for what deserves a look. */
const SOON_MILLISECONDS = 1000;

/** Drawn rows by run: what they say and their elements. */
const table = { runs: [], mark: "", drawn: new Map(), find: "" };

export async function mount(root) {
  const codes = await words();
  const look = () => refresh(root, codes);
  part(root, "find").addEventListener("input", (event) => {
    table.find = event.target.value.trim().toLowerCase();
    draw(root, codes);
  });
  document.addEventListener("visibilitychange", () => document.hidden || look());
  setInterval(() => document.hidden || look(), LOOK_MILLISECONDS);
  onChosen(() => draw(root, codes));
  await look();
}

/** What a person has open, to rename or delete, stays open: the next look draws what changed meanwhile. */
const isBusy = (root) => part(root, "rows").querySelector(":popover-open") !== null;

async function refresh(root, codes) {
  try {
    const { mark, runs } = await ask(`api/overview?seen=${table.mark}`);
    if (runs === null || isBusy(root)) return;
    Object.assign(table, { mark, runs });
    draw(root, codes);
    if (runs.some(({ alerts, notice }) => alerts === null && !notice)) setTimeout(() => document.hidden || refresh(root, codes), SOON_MILLISECONDS);
  } catch (error) {
    say(root, error.message, "bad");
  }
}

function draw(root, codes) {
  const shown = table.runs.filter(isFound);
  const before = table.drawn;
  table.drawn = new Map(shown.map((run) => [run.id, rowOf(root, run, codes, before.get(run.id))]));
  const rows = [...table.drawn.values()].map(({ element }) => element);
  const body = part(root, "rows");
  const differ = rows.length !== body.childElementCount || rows.some((row, index) => row !== body.children[index]);
  if (differ) keepingFocus(body, () => body.replaceChildren(...rows));
  drawEmpty(part(root, "empty"), shown);
}

function isFound({ id, name, model, objective, tags }) {
  return [id, name, model, objective, ...tags].some((text) => String(text ?? "").toLowerCase().includes(table.find));
}

function drawEmpty(element, shown) {
  element.hidden = shown.length > 0 || table.mark === "";
  if (table.runs.length) element.replaceChildren(el("p", {}, "No run matches."));
  else element.replaceChildren(el("p", {}, "No runs yet. ", el("a", { href: pageAddress("new") }, "Start one.")));
}

function rowOf(root, run, codes, before) {
  const says = JSON.stringify(run);
  const row = before?.says === says ? before : newRow(root, run, codes, says);
  row.box.checked = chosen.runs.includes(run.id);
  row.element.setAttribute("aria-selected", String(row.box.checked));
  return row;
}

function newRow(root, run, codes, says) {
  const box = el("input", { type: "checkbox", "aria-label": `Lay ${run.id} side by side`, onchange: () => layBeside(root, run.id) });
  const cells = [
    el("td", {}, box),
    nameCell(run),
    el("td", {}, badge(codes.statuses[run.status]), alertsOf(run)),
    el("td", {}, sparkOf(run)),
    bestCell(run.best),
    el("td.number", {}, run.step === null ? UNKNOWN : `${count(run.step)} / ${count(run.max_steps)}`),
    el("td.number", { title: "Time that it trained" }, duration(run.elapsed_seconds)),
    el("td.number", { title: "Tokens of prompts and completions (num_tokens)" }, tokensOf(run.tokens)),
    el("td.number", {}, dateTime(run.created_at)),
    el("td.row-ways", {}, ...exportButton(run), ...editButton(root, run, codes), ...deleteButton(root, run, codes)),
  ];
  return { says, box, element: el("tr", { "data-run": run.id, "data-keep": run.id }, ...cells) };
}

function layBeside(root, run) {
  const full = chosen.runs.length >= MOST_RUNS && !chosen.runs.includes(run);
  say(root, full ? `${MOST_RUNS} runs at most lie side by side: untick one first.` : "", "warn");
  toggle(run);
}

function nameCell({ id, name, model, objective, tags }) {
  const about = [id, model, objective].filter((text) => text && text !== name).join(" · ");
  return el(
    "td.run-name",
    {},
    el("a", { href: pageAddress("run", { run: id }) }, name),
    ...tags.map((tag) => el("span.run-tag", {}, tag)),
    el("span.soft", { title: about }, about),
  );
}

/** Nothing where it has not been looked through yet. */
function alertsOf({ id, alerts }) {
  if (!alerts?.length) return null;
  const title = `Worth a look:\n${alerts.join("\n")}`;
  return el("a.badge.tone-warn.run-alerts", { href: pageAddress("run", { run: id }), title, "aria-label": title }, `! ${alerts.length}`);
}

function sparkOf({ spark, spark_of: name }) {
  if (spark.length < 2) return el("span.soft", {}, "—");
  return sparkline(spark, `${name}, from ${spark[0].toFixed(2)} to ${spark.at(-1).toFixed(2)}`, name === "pass@1" ? [0, 1] : null);
}

function bestCell(best) {
  if (!best) return el("td.number", {}, "—");
  const [low, high] = best.ci95.map((bound) => Math.round(bound * 100));
  const title = `At step ${best.step}, on ${best.n} problems; 95 % interval ${low} to ${high} %`;
  return el("td.number", { title }, el("b", {}, percent(best["pass@1"])), el("span.soft", {}, ` at ${best.step}`));
}

function tokensOf(tokens) {
  if (tokens === null) return "—";
  if (tokens >= 1e6) return `${(tokens / 1e6).toFixed(1)} M`;
  return tokens >= 1e4 ? `${Math.round(tokens / 1e3)} k` : count(tokens);
}

function exportButton(run) {
  const button = el("button.icon-button", { type: "button", title: "Save as a file", "aria-label": `Save ${run.id} as a file` }, "⤓");
  const as = (form, what) => el("a.press", { href: new URL(`api/runs/${run.id}/export.${form}`, ROOT).href, download: `${run.id}.${form}` }, what);
  return popover(button, `Save ${run.id}`, () => [
    el("p", {}, el("b", {}, "Every group of this run as one file. "), "JSON Lines holds all of it, with curves and evaluations; Parquet has the columns of TRL's log of completions."),
    el("div.save-row", {}, as("jsonl", "JSONL"), as("parquet", "Parquet")),
  ]);
}

function editButton(root, run, codes) {
  const button = el("button.icon-button", { type: "button", title: "Rename and tag", "aria-label": `Rename and tag ${run.id}` }, "✎");
  return popover(button, `Rename and tag ${run.id}`, (close) => [editForm(root, run, codes, close)]);
}

function editForm(root, run, codes, close) {
  const name = el("input", { value: run.name, maxlength: 80, required: true, autofocus: true });
  const tags = el("input", { value: run.tags.join(", "), placeholder: "separated by commas" });
  const onsubmit = async (event) => {
    event.preventDefault();
    const body = { name: name.value, tags: tags.value.split(",").map((tag) => tag.trim()).filter(Boolean) };
    close();
    await change(root, codes, `api/runs/${run.id}/labels`, body);
  };
  return el(
    "form.edit",
    { onsubmit },
    el("label.field", {}, el("span", {}, "Name"), name),
    el("label.field", {}, el("span", {}, "Tags"), tags),
    el("div.save-row", {}, el("button.press.first", {}, "Save"), el("button.press", { type: "button", onclick: close }, "Cancel")),
  );
}

/** Asks first; a run that lives cannot be deleted. */
function deleteButton(root, run, codes) {
  const alive = ALIVE.has(run.status);
  const title = alive ? "It is still training: stop it before you delete it" : "Delete";
  const button = el("button.icon-button", { type: "button", title, "aria-label": `Delete ${run.id}`, disabled: alive }, "✕");
  if (alive) return [button];
  return popover(button, `Delete ${run.id}?`, (close) => [
    el("p", {}, el("b", {}, `Delete ${run.name}?`), ` Its ${count(run.groups)} groups and all its checkpoints are gone for good.`),
    el(
      "div.save-row",
      {},
      el("button.press", { type: "button", autofocus: true, onclick: close }, "Keep it"),
      el("button.press.final", { type: "button", onclick: () => remove(root, run, codes, close) }, `Delete ${run.id}`),
    ),
  ]);
}

async function remove(root, run, codes, close) {
  close();
  if (chosen.runs.includes(run.id)) toggle(run.id);
  await change(root, codes, `api/runs/${run.id}/delete`, {});
}

async function change(root, codes, path, body) {
  try {
    const { sentence } = await send(path, body);
    say(root, sentence, "muted");
  } catch (error) {
    say(root, error.message, "bad");
  }
  await refresh(root, codes);
}

function say(root, text, tone) {
  const said = part(root, "said");
  said.hidden = !text;
  said.className = `said tone-${tone}`;
  setText(said, text);
}
