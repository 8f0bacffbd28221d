// The alerts of the run. Each stays the same element while it says the same, so that reading is not interrupted.
"use strict";

import { el, part } from "../shared/dom.js";
import { unbroken } from "../shared/format.js";
import { listen, model, page } from "../shared/stream.js";
import { pageAddress } from "../shared/site.js";

/** Of those that a page begins with; one that comes later stays a line, so that what is read does not move far. */
const OPEN_AT_FIRST = 2;
const HIGHLIGHT_MILLISECONDS = 2000;
/** Fewer groups than these say nothing either way. */
const ENOUGH_GROUPS = 8;
const NOTHING = "✓ Nothing deserves a look so far: rewards, golds, the judge, lengths and what groups can teach were checked.";
const drawn = new Map();

export function mount(root) {
  listen((change) => (change.alerts || change.whole || change.reset || isDue(root, change)) && draw(part(root, "card"), change.whole));
}

/** Have there come to be enough groups to say that nothing was found? */
function isDue(root, { run }) {
  return run?.groups >= ENOUGH_GROUPS && part(root, "card").hidden;
}

function draw(container, whole) {
  const wanted = model.alerts.map((alert) => [`${page.runId} ${JSON.stringify(alert)}`, alert]);
  const known = new Set([...drawn.values()].map(({ kind }) => kind));
  const opened = new Set([...drawn.values()].filter(({ element }) => element.open).map(({ kind }) => kind));
  for (const key of [...drawn.keys()]) if (!wanted.some(([other]) => other === key)) drawn.delete(key);
  wanted.forEach(([key, alert], index) => {
    const open = opened.has(alert.kind) || (whole && !known.has(alert.kind) && index < OPEN_AT_FIRST);
    if (!drawn.has(key)) drawn.set(key, { kind: alert.kind, element: alertElement(alert, open) });
  });
  const checked = model.run?.groups >= ENOUGH_GROUPS;
  if (wanted.length) container.replaceChildren(...wanted.map(([key]) => drawn.get(key).element));
  else container.replaceChildren(el("p.alerts-none", {}, NOTHING));
  container.hidden = !wanted.length && !checked;
}

function alertElement(alert, open) {
  const summary = el(
    "summary",
    {},
    el("span.badge.tone-warn", {}, el("span.mark", { "aria-hidden": "true" }, "!"), "worth a look"),
    el("b", {}, alert.title),
  );
  return el(
    "details.alert.card",
    { "data-alert": alert.kind, open },
    summary,
    el("p", {}, unbroken(alert.evidence)),
    el("p.soft", {}, alert.perhaps),
    el("div.alert-ways", {}, ...alert.samples.map(sampleLink), moreLink(alert.more), curveLink(alert.chart)),
  );
}

function sampleLink({ group, k, note }) {
  const href = pageAddress("groups", { run: page.runId, group, completion: k });
  const name = k === null ? `group ${group}` : `group ${group}, k${k}`;
  return el("a.sample", { href }, el("b", {}, name), el("span.soft", {}, note));
}

/** The page that lists all of it, with its fields set as the alert says. */
function moreLink(more) {
  if (!more) return null;
  const where = Object.entries(more.where).map(([name, value]) => `&${name}=${encodeURIComponent(value)}`);
  const text = more.page === "problems" ? "list the problems →" : "list all of them →";
  return el("a.more-link", { href: pageAddress(more.page, { run: page.runId }) + where.join("") }, text);
}

function curveLink(chart) {
  const show = () => {
    const card = document.querySelector(`.curve[data-chart="${chart}"]`);
    card?.scrollIntoView({ block: "center", behavior: "smooth" });
    card?.querySelector(".plot")?.focus({ preventScroll: true });
    card?.animate([{ boxShadow: "0 0 0 3px var(--accent)" }, { boxShadow: "0 0 0 3px transparent" }], HIGHLIGHT_MILLISECONDS);
  };
  return el("button.link", { type: "button", onclick: show }, "show its curve ↓");
}
