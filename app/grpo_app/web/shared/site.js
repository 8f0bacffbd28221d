// Where things are: the site's root, the reference in the address, and questions to the JSON routes.
"use strict";

/** The site's root, also behind a proxy that serves it below a path: this file is at ROOT/own/HASH/shared/site.js. */
export const ROOT = new URL("../../../", import.meta.url);

const REFERENCE =
  /^([a-z0-9][a-z0-9-]{0,59})(?:\/step\/(\d{1,9})|\/group\/(\d{1,15})(?:\/k\/(\d{1,4}))?|\/problem\/([^/\s]{1,200}))?$/;

/** `{run, step, group, completion, problem}` of the address's `?ref=`, absent parts null; null if there is none. */
export function currentReference() {
  const match = REFERENCE.exec(new URLSearchParams(location.search).get("ref") ?? "");
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

/** The address of a page (`run` or `groups`) at a reference. */
export function pageAddress(page, reference) {
  const address = new URL(page === "groups" ? "groups" : "", ROOT);
  if (reference) address.search = `?ref=${encodeURI(referenceText(reference)).replaceAll("&", "%26")}`;
  return address.href;
}

/** Keep the address in step with what is shown, so that a reload shows it again. */
export function rememberReference(page, reference) {
  const address = pageAddress(page, reference);
  if (address !== location.href) history.replaceState(null, "", address);
}

/** A JSON route's answer; throws an Error with the server's sentence. */
export async function ask(path) {
  const response = await fetch(new URL(path, ROOT), { credentials: "same-origin" });
  const answer = await response.json().catch(() => ({ error: `The server answered ${response.status}.` }));
  if (!response.ok) throw new Error(answer.error ?? `The server answered ${response.status}.`);
  return answer;
}

let asked = null;

/** Words, marks and charts of the project; read once. */
export function words() {
  asked ??= ask("api/words");
  return asked;
}
