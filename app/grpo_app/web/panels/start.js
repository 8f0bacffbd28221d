// Presets, TOML, the signal check with its progress, and the start.
"use strict";

import { el, part, setText } from "../shared/dom.js";
import { check, form, onForm, setValues, takeRefusal } from "../shared/form.js";
import { pageAddress, send, sendForLines, words } from "../shared/site.js";
import { signalElement } from "../shared/signal.js";

const DEFAULTS = "";

/** `stop` ends the signal check that runs; `checked` are the settings, as one text, that the last one was about. */
const state = { stop: null, checked: null };

export async function mount(root) {
  const codes = await words();
  wire(root, codes);
  await onForm((what) => {
    const presets = part(root, "presets");
    if (!presets.options.length) presets.append(...presetOptions());
    if (what.checked) drawChecked(root);
  });
}

function wire(root, codes) {
  const on = (name, event, listener) => part(root, name).addEventListener(event, listener);
  on("form", "submit", (event) => event.preventDefault());
  on("presets", "change", (event) => begin(event.target.value));
  on("start", "click", () => start(root));
  on("check", "click", () => checkSignal(root, codes));
  on("cancel", "click", () => state.stop?.abort());
  on("apply", "click", () => apply(root));
  on("upload", "click", () => part(root, "file").click());
  on("file", "change", (event) => openFile(root, event.target));
}

function presetOptions() {
  const choose = el("option", { value: "-", disabled: true, selected: true }, "choose a preset …");
  const presets = Object.keys(form.presets).map((name) => el("option", { value: name }, name.startsWith("as ") ? name : `preset ${name}`));
  return [choose, ...presets, el("option", { value: DEFAULTS }, "the defaults")];
}

function begin(name) {
  setValues(name === DEFAULTS ? form.defaults : form.presets[name]);
}

function drawChecked(root) {
  const wrong = Object.keys(form.errors).filter(Boolean);
  say(root, "said", form.errors[""] ?? (wrong.length ? wrongText(wrong) : ""));
  part(root, "start").disabled = wrong.length > 0;
  part(root, "check").disabled = wrong.length > 0 || state.stop !== null;
  part(root, "stale").hidden = state.checked === null || state.checked === settingsText();
  const warnings = form.warnings.map((sentence) => el("li", {}, sentence));
  part(root, "warnings").replaceChildren(...warnings);
  part(root, "warnings").hidden = !warnings.length;
  const toml = part(root, "toml");
  if (form.toml !== null && document.activeElement !== toml) toml.value = form.toml;
  if (form.toml !== null) part(root, "download").href = `data:application/toml,${encodeURIComponent(form.toml)}`;
}

/** All settings that the signal depends on: all but the name. */
const settingsText = () => JSON.stringify({ ...form.values, name: "" });

function wrongText(names) {
  const labels = form.groups.flatMap(({ fields }) => fields).filter(({ name }) => names.includes(name));
  return `Not yet right: ${labels.map(({ label }) => label).join(", ")}.`;
}

function say(root, name, message) {
  setText(part(root, name), message);
  part(root, name).hidden = !message;
}

async function start(root) {
  const button = part(root, "start");
  button.disabled = true;
  setText(button, "Starting …");
  try {
    await check();
    const { run } = await send("api/form/start", { values: form.values });
    location.href = pageAddress("run", { run });
  } catch (error) {
    takeRefusal(error);
    say(root, "said", error.message);
    button.disabled = false;
    setText(button, "Start");
  }
}

async function checkSignal(root, codes) {
  state.stop = new AbortController();
  const checked = settingsText();
  say(root, "said", "");
  drawProgress(root, null);
  part(root, "signal").hidden = true;
  try {
    const lines = sendForLines("api/form/signal", { values: form.values }, state.stop.signal);
    for await (const line of lines) takeLine(root, line, codes, checked);
  } catch (error) {
    takeRefusal(error);
    say(root, "said", error.name === "AbortError" ? "" : error.message);
  } finally {
    state.stop = null;
    drawProgress(root, undefined);
  }
}

function takeLine(root, line, codes, checked) {
  if (line.progress) drawProgress(root, line.progress);
  if (line.error) say(root, "said", line.error);
  if (!line.check) return;
  state.checked = checked;
  part(root, "signal-report").replaceChildren(...signalElement(line.check, codes.signals));
  part(root, "signal").hidden = false;
  drawChecked(root);
}

/** `progress` is [done, total], null at the beginning, undefined at the end. */
function drawProgress(root, progress) {
  part(root, "checking").hidden = progress === undefined;
  part(root, "cancel").hidden = progress === undefined;
  part(root, "check").disabled = progress !== undefined;
  const [done, total] = progress ?? [0, 0];
  const text = done >= total && total ? "measuring an update …" : `${done} of ${total} completions sampled`;
  setText(part(root, "progress-text"), total ? text : "loading the model …");
  part(root, "progress").style.width = `${total ? (100 * done) / total : 0}%`;
}

async function apply(root) {
  say(root, "toml-said", "");
  try {
    const { values } = await send("api/form/toml", { text: part(root, "toml").value });
    setValues(values);
  } catch (error) {
    say(root, "toml-said", error.message);
  }
}

async function openFile(root, input) {
  const [file] = input.files;
  input.value = "";
  if (!file) return;
  part(root, "toml").value = await file.text();
  await apply(root);
}
