// Where things are: the site's root, the reference in the address, and questions to the JSON routes.
"use strict";

/** The site's root, also behind a proxy that serves it below a path: this file is at ROOT/own/HASH/shared/site.js. */
export const ROOT = new URL("../../../", import.meta.url);

const REFERENCE =
  /^([a-z0-9][a-z0-9-]{0,59})(?:\/step\/(\d{1,9})|\/group\/(\d{1,15})(?:\/k\/(\d{1,4}))?|\/problem\/([^/\s]{1,200}))?$/;

/** `{run, step, group, completion, problem}` of the address's `?ref=`, absent parts null; null if there is none. */
export function currentReference() {
  return parsedReference(parameter("ref") ?? parameter("group"));
}

export function parameter(name) {
  return new URLSearchParams(location.search).get(name);
}

export function parsedReference(text) {
  const match = REFERENCE.exec(text ?? "");
  if (!match) return null;
  const asNumber = (text) => (text === undefined ? null : Number(text));
  const [, run, step, group, completion, problem] = match;
  const numbers = { step: asNumber(step), group: asNumber(group), completion: asNumber(completion) };
  return { run, ...numbers, problem: problem ?? null };
}

export function referenceText({ run, step = null, group = null, completion = null, problem = null }) {
  if (step !== null) return `${run}/step/${step}`;
  if (problem !== null) return `${run}/problem/${problem}`;
  if (group === null) return run;
  return `${run}/group/${group}${completion === null ? "" : `/k/${completion}`}`;
}

/** The address of a page (`run`, `groups`, `playground`, `new`) at a reference. */
export function pageAddress(page, reference) {
  const address = new URL(page === "run" ? "" : page, ROOT);
  if (reference) address.search = `?ref=${encodeURI(referenceText(reference)).replaceAll("&", "%26")}`;
  return address.href;
}

/** What else the address says of what is shown, by parameter; empty values are left out. It begins with what the page
 * was opened with: one panel may write the address before another has read its part of it. */
const OWN = new Set(["ref", "token"]);
const kept = new Map([...new URLSearchParams(location.search)].filter(([name]) => !OWN.has(name)));
let remembered = null;

/** Keep the address in step with what is shown, so that a reload shows it again. */
export function rememberReference(page, reference) {
  remembered = [page, reference];
  writeAddress();
}

/** The same for what no reference names: `{name: value}`; the others stay. */
export function rememberParameters(parameters) {
  for (const [name, value] of Object.entries(parameters)) kept.set(name, value);
  if (remembered) writeAddress();
}

function writeAddress() {
  const known = [...kept].filter(([, value]) => value);
  const more = known.map(([name, value]) => `&${name}=${encodeURIComponent(value).replaceAll("%2F", "/")}`).join("");
  const address = pageAddress(...remembered) + more;
  if (address !== location.href) history.replaceState(null, "", address);
}

/** A JSON route's answer; throws an Error with the server's sentence. */
export async function ask(path) {
  return answerOf(await fetch(new URL(path, ROOT), { credentials: "same-origin" }));
}

/** Post JSON and get the answer; throws an Error with the server's sentence. */
export async function send(path, body) {
  const headers = { "Content-Type": "application/json" };
  const options = { method: "POST", credentials: "same-origin", headers, body: JSON.stringify(body) };
  return answerOf(await fetch(new URL(path, ROOT), options));
}

/** Post a file as it is. */
export async function sendFile(path, file) {
  const options = { method: "POST", credentials: "same-origin", body: file };
  return answerOf(await fetch(new URL(path, ROOT), options));
}

/** Post JSON and get the answer line by line, while it is made; a refusal throws as `send` does. */
export async function* sendForLines(path, body, signal = null) {
  const headers = { "Content-Type": "application/json" };
  const options = { method: "POST", credentials: "same-origin", headers, body: JSON.stringify(body), signal };
  const response = await fetch(new URL(path, ROOT), options);
  if (!response.ok) await answerOf(response);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (rest + part.value).split("\n");
    rest = lines.pop();
    for (const line of lines) yield JSON.parse(line);
  }
}

/** The thrown Error's `answer` is all that the server said. */
async function answerOf(response) {
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const [detail] = Array.isArray(answer.detail) ? answer.detail : [];
  const refused = detail && `${detail.loc.at(-1)}: ${detail.msg}.`;
  throw Object.assign(new Error(answer.error ?? refused ?? `The server answered ${response.status}.`), { answer });
}

let asked = null;

/** Words, marks and charts of the project; read once. */
export function words() {
  asked ??= ask("api/words");
  return asked;
}
