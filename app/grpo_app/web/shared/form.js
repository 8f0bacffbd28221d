// The new run's form: its description, what is filled in, and what the server says is wrong with it.
"use strict";

import { ask, send } from "./site.js";

const CHECK_MILLISECONDS = 250;
const KEPT = "grpo-dash form";

/** `values` are texts by setting; `errors` sentences by setting ("" for the form as a whole). */
export const form = { groups: [], defaults: {}, presets: {}, values: {}, errors: {}, warnings: [], toml: null };

const listeners = new Set();
let loading = null;
let waiting = null;
let asked = 0;

/** Calls `listener(what)` once the form is there and when `values` or what was `checked` changed. */
export async function onForm(listener) {
  loading ??= load();
  await loading;
  listeners.add(listener);
  listener({ values: true, checked: true });
}

function tell(what) {
  for (const listener of listeners) listener(what);
}

async function load() {
  const { groups, defaults, presets } = await ask("api/form");
  Object.assign(form, { groups, defaults, presets, values: { ...defaults, ...kept(defaults) } });
  await check();
}

/** What was filled in before a reload of this tab. */
function kept(defaults) {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
    return Object.fromEntries(Object.entries(found).filter(([name]) => name in defaults));
  } catch {
    return {};
  }
}

/** Fill in several settings, from a preset or a file. */
export function setValues(values) {
  Object.assign(form.values, values);
  tell({ values: true });
  check();
}

/** One setting as a person types it. */
export function setValue(name, value) {
  form.values[name] = value;
  clearTimeout(waiting);
  waiting = setTimeout(check, CHECK_MILLISECONDS);
}

/** Ask the server now; an answer that a newer question has overtaken is dropped. */
export async function check() {
  clearTimeout(waiting);
  const number = (asked += 1);
  sessionStorage.setItem(KEPT, JSON.stringify(form.values));
  const failed = (error) => ({ errors: { "": error.message }, warnings: [], toml: null });
  const found = await send("api/form/check", { values: form.values }).catch(failed);
  if (number !== asked) return;
  Object.assign(form, { errors: found.errors, warnings: found.warnings, toml: found.toml });
  tell({ checked: true });
}

/** A refusal that names its fields shows them there. */
export function takeRefusal(error) {
  if (!error.answer?.fields) return;
  form.errors = error.answer.fields;
  tell({ checked: true });
}
