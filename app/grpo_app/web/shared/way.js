// The way to a verdict as stations: the answer in the text, the rule, both parses, the deciding check, the reason.
"use strict";

import { badge, el } from "./dom.js";
import { UNKNOWN } from "./format.js";
import { mathElement } from "./mathml.js";
import { treeElement } from "./tree.js";

const NOT_JUDGED = "Nothing has judged this completion: its problem has no gold answer, or it is still being judged.";

/** The stations as an ordered list, in one array; `trail` is that of `views.verdict`. */
export function wayElements(trail, codes) {
  if (trail.outcome === null) return [el("p.soft", {}, NOT_JUDGED)];
  const stations = [
    station("The answer in the text", placeElement(trail.place, codes.outcomes[trail.outcome])),
    station("The rule that found it", ruleElement(trail.rule)),
    station("How both sides were read", sidesElement(trail.sides)),
    station("The check that decided", laddersElement(trail.checks)),
    station("The reason", reasonElement(trail, codes)),
  ];
  return [el("ol.stations", {}, ...stations)];
}

function station(title, ...content) {
  return el("li.station", {}, el("h3", {}, title), ...content);
}

function placeElement(place, word) {
  if (place === null) return el("p.soft", {}, "No answer was found in the text.");
  const mark = el(`mark.tone-${word.tone}`, {}, place.answer);
  const [from, to] = place.span;
  return el(
    "div",
    {},
    el("div.excerpt", {}, el("span.soft", {}, place.before), mark, el("span.soft", {}, place.after)),
    el("p.soft.station-note.number", {}, `line ${place.line}, characters ${from} to ${to}`),
  );
}

function ruleElement(rule) {
  if (rule === null) return el("p.soft", {}, "No rule found one.");
  return el("p", {}, el("b", {}, rule.label), el("code.code", {}, rule.code), ` ${rule.meaning}`);
}

export function sidesElement(sides) {
  return el("div.parses", {}, ...sides.map(sideElement));
}

function sideElement(side) {
  const name = side.name === "gold" ? "gold" : "answer";
  return el(
    `section.parse`,
    { "aria-label": `The ${name} as it was read` },
    el("div.parse-name.soft", {}, name),
    el("div.parse-text", { title: "As written" }, side.text ?? UNKNOWN),
    ...(side.mathml ? parsedElements(side, name) : [el("p.soft.unread", {}, unreadText(side))]),
  );
}

function unreadText({ name, text }) {
  if (text === null) return "Nothing to read.";
  return name === "gold" ? "Could not be read, or was not needed." : "Could not be read as mathematics.";
}

function parsedElements(side, name) {
  const source = el("details.source-details", {}, el("summary", {}, "as LaTeX and as SymPy"), sourceElement(side));
  return [
    el("div.rendered", { tabindex: "0", "aria-label": `The ${name}, rendered` }, mathElement(side.mathml, side.pretty)),
    treeElement(side.tree, `The ${name} as a tree`),
    source,
  ];
}

function sourceElement({ latex, source }) {
  const row = (name, text) => el("div", {}, el("span.soft", {}, name), el("code", {}, text ?? UNKNOWN));
  return el("div.sources", {}, row("LaTeX", latex), row("SymPy", source));
}

const STATES = {
  passed: ["○", "did not decide"],
  spared: ["·", "not needed"],
};

function laddersElement(checks) {
  if (!checks.length) return el("p.soft", {}, "Nothing was compared.");
  const rungs = checks.map(({ check, label, meaning, state, equal }) => {
    const [mark, said] = STATES[state] ?? (equal ? ["✓", "equal"] : ["✗", "different"]);
    const tone = state === "decided" ? (equal ? ".tone-good" : ".tone-bad") : "";
    const properties = { title: `${check}: ${meaning}`, "data-state": state };
    return el(`li${tone}`, properties, el("span.rung-mark", {}, mark), el("span", {}, label), el("i", {}, said));
  });
  const { meaning } = checks.find(({ state }) => state === "decided") ?? { meaning: "" };
  return el("div", {}, el("ol.ladder", {}, ...rungs), el("p.soft.station-note", {}, meaning));
}

function reasonElement(trail, codes) {
  const sentences = [...new Set([trail.message, trail.sentence])].filter(Boolean);
  const [first, ...others] = sentences;
  return el(
    "div.reason-station",
    {},
    el("p", {}, badge(codes.outcomes[trail.outcome]), " ", el("b", {}, first ?? "")),
    ...others.map((text) => el("p.soft", {}, text)),
    el("p", {}, el("code.code", { title: "The reason's stable code" }, trail.reason)),
  );
}

/** The stored verdict (`{gold, trail: {outcome, message}}`) beside that of another gold. */
export function comparedElement(stored, again, codes) {
  const changed = stored.trail.outcome !== again.trail.outcome;
  const note = changed ? "The outcome changes." : "The outcome stays.";
  return el(
    "div.compared",
    {},
    el("div.compared-sides", {}, verdictLine("stored", stored, codes), verdictLine("now", again, codes)),
    el("p.soft", {}, note),
    again.trail.sides ? sidesElement(again.trail.sides) : null,
  );
}

function verdictLine(name, { trail, gold }, codes) {
  const word = codes.outcomes[trail.outcome];
  return el(
    "section",
    {},
    el("div.parse-name.soft", {}, name, " · gold ", el("code", {}, gold)),
    word ? badge(word) : el("span.soft", {}, "not judged"),
    el("p", {}, trail.message ?? ""),
  );
}
