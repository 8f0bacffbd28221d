// What the list of groups lists: the stream's rows, or what was looked for over the whole run. No drawing here.
"use strict";

import { MOST_ROWS, forgetOldRows, listen, model, page } from "./stream.js";
import { newestGroups, ownSplit, validGroups } from "./model.js";
import { followGroup, onSelection, selectGroup, selection } from "./selection.js";
import { ask, parameter, rememberParameters } from "./site.js";

const PAGE_ROWS = 60;
const REFRESH_MILLISECONDS = 2000;
const REFRESHED_ROWS = 20;
const INDEXING_MILLISECONDS = 400;

/** What may be asked, and what an open question is. `split` is the run's own (an evaluation samples more groups at once
 * than training does in an hour), `train`, `eval`, or empty for both. */
const OPEN = {
  q: "",
  split: "own",
  signal: "",
  outcome: "",
  source: "",
  level: "",
  truncated: "",
  sort: "newest",
  marked: "",
  first: "",
  last: "",
  least_tokens: "",
  most_tokens: "",
};
export const FIELDS = Object.keys(OPEN);

/** `entries` are `{key, group, index, row, kind}`: a `group`, a `completion` of one, or a `mark`. `total` and `indexed`
 * are null where they are not known. While a person reads further down the list stands still, and `newer` says
 * that groups were sampled meanwhile. */
export const listing = {
  query: { ...OPEN },
  entries: [],
  next: null,
  done: false,
  total: null,
  indexed: null,
  groupsInAll: null,
  newer: false,
  trouble: null,
};

const listeners = new Set();
let asked = [];
let prompts = [];
let asking = null;
let refreshing = null;
let scoped = null;
let older = { train: true, eval: true };

/** Calls `listener()` whenever what is listed may have changed. */
export function onListing(listener) {
  listeners.add(listener);
  listener();
}

function tell() {
  listing.entries = entriesNow();
  for (const listener of listeners) listener();
  followGroup(newestListed());
}

/** The newest group that fits what is asked for; of a list that is in another order, the newest of all. */
function newestListed() {
  if (isStream() || !isOpen("marked") || !isOpen("sort"))
    return validGroups(model, splitNow() || ownSplit(model))[0]?.id ?? null;
  return asked[0]?.group ?? null;
}

export function isOpen(name, value = listing.query[name]) {
  return value === OPEN[name];
}

/** Questions that are not open, the text that is searched left out. */
export function activeFilters() {
  return FIELDS.filter((name) => name !== "q" && !isOpen(name));
}

/** Ask something else; `parts` of the query. */
export function lookFor(parts) {
  Object.assign(listing.query, parts);
  if (parts.q) landing = "searched";
  remember();
  begin();
}

export function clearQuery() {
  lookFor({ ...OPEN });
}

function remember() {
  const known = Object.fromEntries(
    FIELDS.map((name) => [name, isOpen(name) ? null : String(listing.query[name] || "any")]),
  );
  rememberParameters(known);
}

function recall() {
  for (const name of FIELDS) {
    const value = parameter(name);
    if (value !== null) listing.query[name] = value === "any" && name !== "marked" ? "" : value;
  }
}

/** Hold the list while it is scrolled down (or while what was looked for has the focus), and let it go again. */
export function holdList({ scrolled, focused }) {
  const reads = listing.entries.length > 0 && (scrolled || (focused && !isStream() && !selection.follow));
  if (reads === (page.held !== null)) return;
  letGo(reads ? listing.entries[0].group : null);
  if (!reads) forgetOldRows();
  noteDropped();
  if (!reads && !isStream()) refreshSoon(0);
  tell();
}

function letGo(until = null) {
  page.held = until;
  listing.newer = false;
}

/** Are the stream's own rows what is asked for? */
function isStream() {
  const others = FIELDS.filter((name) => name !== "split" && !isOpen(name));
  return others.length === 0 && splitNow() !== "";
}

/** Does what is sampled come on top? */
const grows = () => isOpen("marked") && isOpen("sort") && !(isStream() && selection.scope);

/** The split that is listed; empty for both. */
function splitNow() {
  return listing.query.split === "own" ? ownSplit(model) : listing.query.split;
}

function entriesNow() {
  if (!isOpen("marked")) return markEntries();
  if (isStream() && selection.scope) return (scoped?.rows ?? []).map(groupEntry);
  if (isStream()) return streamRows().map(groupEntry);
  return [...prompts, ...asked];
}

const streamRows = () => newestGroups(model, splitNow()).filter(({ id }) => page.held === null || id <= page.held);
const groupEntry = (row) => ({ key: `g${row.id}`, kind: "group", group: row.id, index: null, row });
const completionEntry = (row) => ({ key: `c${row.id}`, kind: "completion", group: row.group, index: row.index, row });

function markEntries() {
  const { marked } = listing.query;
  const wanted = [...model.marks.values()].filter(({ kind }) => marked === "any" || kind === marked);
  return wanted.map((row) => ({ key: `m${row.number}`, kind: "mark", group: row.group, index: row.index, row }));
}

function begin() {
  letGo();
  asked = [];
  prompts = [];
  asking = null;
  Object.assign(listing, {
    next: null,
    done: isStream() || !isOpen("marked"),
    total: null,
    indexed: null,
    groupsInAll: null,
    trouble: null,
  });
  if (listing.done) listing.done = !isStream();
  tell();
  if (!isStream() && isOpen("marked")) loadMore();
}

/** The next page: of what was asked for, or older rows than the stream's. */
export async function loadMore() {
  if (asking || listing.done || !model.run || (isStream() && selection.scope)) return;
  const question = (asking = {});
  try {
    await (isStream() ? loadOlder(question) : loadAsked(question));
    listing.trouble = null;
  } catch (error) {
    if (asking === question) Object.assign(listing, { trouble: error.message, done: true });
  }
  if (asking !== question) return;
  asking = null;
  land();
  tell();
}

async function loadOlder(question) {
  const split = splitNow();
  const oldest = newestGroups(model, split).at(-1);
  const before = oldest ? `&before=${oldest.id}` : "";
  const answer = await ask(`api/runs/${page.runId}/groups?split=${split}&limit=${PAGE_ROWS}${before}`);
  if (asking !== question) return;
  for (const row of answer.groups) model.groups.set(row.id, row);
  older[split] = answer.more;
  listing.done = !answer.more;
}

function questionText(cursor, limit = PAGE_ROWS) {
  const wanted = { ...listing.query, split: splitNow() };
  const known = FIELDS.filter((name) => name !== "marked" && wanted[name] !== "");
  const query = new URLSearchParams(known.map((name) => [name, String(wanted[name]).trim()]));
  if (cursor !== null) query.set("cursor", cursor);
  query.set("limit", limit);
  return `api/runs/${page.runId}/find?${query}`;
}

async function loadAsked(question) {
  const answer = await ask(questionText(listing.next));
  if (asking !== question) return;
  merge(answer);
  Object.assign(listing, { next: answer.next, done: answer.next === null, total: answer.total });
  takeProgress(answer);
}

/** While the index is being made, what is found grows: look again. */
function takeProgress({ indexed = null, groups_in_all: all = null, prompts: found = null }) {
  if (found?.length) takePrompts(found);
  Object.assign(listing, { indexed, groupsInAll: all });
  if (indexed !== null && indexed < all) refreshSoon(INDEXING_MILLISECONDS);
}

/** Problems whose prompt holds what is searched stand before the completions. */
function takePrompts(found) {
  const entries = found.map((row) => ({ ...groupEntry(row), key: `p${row.id}` }));
  const same = JSON.stringify(entries) === JSON.stringify(prompts);
  if (!same) prompts = entries;
}

const entriesOf = ({ groups, completions }) => (groups ? groups.map(groupEntry) : completions.map(completionEntry));

/** The page put before or after what is there. What is as it was stays the same object, so that it is not drawn anew. */
function merge(answer, fresh = false) {
  const before = new Map(asked.map((entry) => [entry.key, entry]));
  const isSame = (entry) =>
    before.has(entry.key) && JSON.stringify(before.get(entry.key).row) === JSON.stringify(entry.row);
  const entries = entriesOf(answer).map((entry) => (isSame(entry) ? before.get(entry.key) : entry));
  const keys = new Set(entries.map(({ key }) => key));
  const kept = asked.filter(({ key }) => !keys.has(key));
  const joins = !asked.length || entries.some(({ key }) => before.has(key));
  const reaches = joins && entries.length + kept.length <= MOST_ROWS;
  if (fresh && !reaches && answer.next !== null) Object.assign(listing, { next: answer.next, done: false });
  if (fresh) asked = [...entries, ...(reaches || answer.next === null ? kept : [])].sort((a, b) => b.row.id - a.row.id);
  else asked = [...kept, ...entries];
}

function refreshSoon(milliseconds) {
  if (refreshing === null) refreshing = setTimeout(refresh, milliseconds);
}

/** What was sampled meanwhile, on top of what is there. Sorted lists stay as they were asked for. */
async function refresh() {
  refreshing = null;
  if (isStream() || !isOpen("marked") || !isOpen("sort") || !page.runId || document.hidden || page.held !== null) return;
  const text = questionText(null, REFRESHED_ROWS);
  const answer = await ask(text).catch(() => null);
  if (!answer || text !== questionText(null, REFRESHED_ROWS) || page.held !== null) return;
  const wasShort = asked.length < REFRESHED_ROWS;
  merge(answer, true);
  if (wasShort) Object.assign(listing, { next: answer.next, done: answer.next === null });
  listing.total = answer.total;
  takeProgress(answer);
  tell();
}

/** Groups of one step or one problem only. */
async function loadScope() {
  const { scope, run } = selection;
  const key = scope && JSON.stringify([run, scope]);
  if (key === (scoped?.key ?? null)) return;
  scoped = key && { key, rows: scoped?.rows ?? [] };
  if (key === null) return tell();
  const [name, value] = Object.entries(scope)[0];
  const answer = await ask(`api/runs/${run}/groups?${name}=${encodeURIComponent(value)}`).catch(() => ({ groups: [] }));
  if (scoped?.key !== key) return undefined;
  scoped = { key, rows: answer.groups };
  if (selection.group === null && answer.groups.length) selectGroup(answer.groups[0].id);
  return tell();
}

/** Where rows were dropped there are older ones to page in. */
function noteDropped() {
  for (const split of ["train", "eval"])
    if (page.held === null && newestGroups(model, split).length >= MOST_ROWS) older[split] = true;
}

/** Whoever comes to a question by a link, as from an alert, sees the first of what it finds, not the newest group; so
 * does who searched for a text, unless the list is followed. */
let landing = null;

function land() {
  const [first] = [...prompts, ...asked];
  if (!landing || !first) return;
  const goes = (landing === "linked") === selection.follow;
  landing = null;
  if (goes) selectGroup(first.group, first.index);
}

let known = null;

function follow(change) {
  if (page.runId !== known) {
    known = page.runId;
    older = { train: true, eval: true };
    scoped = null;
    begin();
  }
  if (change.whole || change.reset) {
    older = { train: true, eval: true };
    scoped = null;
    loadScope();
  }
  noteDropped();
  if (isStream()) listing.done = !older[splitNow()];
  if (page.held !== null) listing.newer ||= grows() && (change.groups ?? []).some(({ id }) => id > page.held);
  else if (change.groups && !isStream()) refreshSoon(REFRESH_MILLISECONDS);
  if (change.whole && !isStream() && page.held === null) begin();
  else if (change.groups || change.whole || change.runs || change.marks) tell();
}

recall();
landing = activeFilters().length > 0 || !isOpen("q") ? "linked" : null;
listen(follow);
onSelection(() => {
  loadScope();
  tell();
});
