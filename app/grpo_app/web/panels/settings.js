// Every setting as a field with its help; what the server says is wrong stands at the field it belongs to.
"use strict";

import { el, part, setText } from "../shared/dom.js";
import { check, form, onForm, setValue, setValues } from "../shared/form.js";
import { sendFile } from "../shared/site.js";

const BRING = "bring a file along …";
const LONG = new Set(["system_prompt"]);

/** The drawn fields by setting: the control, and where its error is said. */
const fields = new Map();

export async function mount(root) {
  await onForm((what) => {
    if (!fields.size) draw(root);
    if (what.values) for (const [name, { control }] of fields) show(control, form.values[name]);
    if (what.checked) drawErrors();
  });
}

function draw(root) {
  const groups = form.groups.map(({ title, open, fields: described }) => {
    const names = described.map(({ label }) => label).join(" · ");
    const summary = el("summary", {}, el("b", {}, title), el("span.group-names", {}, names));
    const group = el("fieldset.group", { "aria-label": title }, ...described.map(fieldElement));
    return el("details.card.folded", { open }, summary, group);
  });
  part(root, "form").append(...groups);
  part(root, "form").addEventListener("submit", (event) => event.preventDefault());
  part(root, "file").addEventListener("change", (event) => upload(root, event.target));
  fields.get("problems").element.append(
    el("button.link", { type: "button", "data-part": "bring", onclick: () => part(root, "file").click() }, BRING),
  );
}

function fieldElement(field) {
  const { name, label, help } = field;
  const control = controlOf(field);
  const ids = { control: `setting-${name}`, error: `error-${name}`, help: `help-${name}` };
  control.id = ids.control;
  control.setAttribute("aria-describedby", `${ids.help} ${ids.error}`);
  control.addEventListener("input", () => setValue(name, valueOf(control)));
  control.addEventListener("change", () => { setValue(name, valueOf(control)); check(); });
  const error = el("p.field-error", { id: ids.error, role: "alert" });
  const title = el("label", { for: ids.control, title: `Setting: ${name}` }, label);
  const helpText = el("p.field-help", { id: ids.help }, ...withCode(help));
  const element = el("div.field", { "data-setting": name }, title, control, helpText, error);
  fields.set(name, { element, control, error });
  return element;
}

/** A help text's words in backquotes as code. */
function withCode(help) {
  return help.split("`").map((piece, index) => (index % 2 ? el("code", {}, piece) : piece));
}

function controlOf({ name, kind, choices, optional, bounds }) {
  if (kind === "choice") return el("select", {}, ...choices.map((choice) => el("option", { value: choice }, choice)));
  if (kind === "bool") return el("input", { type: "checkbox" });
  if (kind === "table" || LONG.has(name)) return el("textarea", { rows: 2, spellcheck: "false" });
  const numeric = kind === "int" || kind === "float";
  const range = [bounds.low, bounds.high].some((bound) => bound !== null) ? rangeText(bounds) : null;
  const properties = { inputmode: kind === "int" ? "numeric" : numeric ? "decimal" : null, title: range };
  return el("input", { type: "text", autocomplete: "off", placeholder: optional ? "none" : null, ...properties });
}

function rangeText({ low, high, low_open: above, high_open: below }) {
  const least = low === null ? "" : `${above ? "above" : "from"} ${low}`;
  const most = high === null ? "" : `${below ? "below" : "to"} ${high}`;
  return [least, most].filter(Boolean).join(" ");
}

function valueOf(control) {
  return control.type === "checkbox" ? String(control.checked) : control.value;
}

function show(control, value) {
  if (control.type === "checkbox") control.checked = value === "true";
  else if (control.value !== value) control.value = value;
}

function drawErrors() {
  for (const [name, { control, error }] of fields) {
    setText(error, form.errors[name] ?? "");
    if (name in form.errors) control.closest("details").open = true;
    control.setAttribute("aria-invalid", String(name in form.errors));
  }
}

/** The file is checked row by row and kept in the runs folder; its path becomes the setting. */
async function upload(root, input) {
  const [file] = input.files;
  input.value = "";
  if (!file) return;
  const { error } = fields.get("problems");
  const button = part(root, "bring");
  setText(error, "");
  setText(button, `reading ${file.name} …`);
  try {
    const { path } = await sendFile(`api/problems?name=${encodeURIComponent(file.name)}`, file);
    setValues({ problems: path });
  } catch (failure) {
    setText(error, failure.message);
  } finally {
    setText(button, BRING);
  }
}
