// The terminal's keys on the page of groups. No key does anything while somebody types or holds Ctrl, Alt or Meta.
"use strict";

const actions = new Map();
let listening = false;

/** What the help shows: keys and what they do. */
export const KEYS = [
  ["j k  ↓ ↑", "next and previous in the list"],
  ["g G", "first, last of the list"],
  ["} {", "later, earlier group"],
  ["] [", "later, earlier step"],
  ["0–9", "why completion k0 … k9 was judged so"],
  ["Esc", "back to all completions"],
  ["d", "best against worst, side by side"],
  ["i", "what other objectives would have done"],
  ["/", "search all texts; Enter searches"],
  ["n N", "next, previous of what was found"],
  ["w s", "mark: verifier wrong, suspicious; again takes it back"],
  ["f space", "follow the newest group, or stay"],
  ["l", "show or hide what is being sampled"],
  ["a", "ask the group's problem in the playground"],
  ["?", "these keys"],
];

/** Do `action(key)` when one of `keys` is pressed. */
export function bind(keys, action) {
  for (const key of keys) actions.set(key, action);
  if (!listening) document.addEventListener("keydown", press);
  listening = true;
}

/** Calls `listener(kind)` when a key marks the completion that is looked at. */
export function onMarkKey(listener) {
  bind(["w"], () => listener("verifier_wrong"));
  bind(["s"], () => listener("suspicious"));
}

function press(event) {
  const action = actions.get(event.key);
  if (!action || event.ctrlKey || event.altKey || event.metaKey || isTaken(event)) return;
  if (action(event.key) !== false) event.preventDefault();
}

/** Does what has the focus need the key itself? */
function isTaken({ target, key }) {
  if (document.querySelector("dialog[open]")) return true;
  if (target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return true;
  const pressed = key === " " && target.closest("button, a, summary, input");
  const scrolled = (key === "ArrowDown" || key === "ArrowUp") && target.closest("[tabindex='0']");
  return Boolean(pressed || scrolled);
}
