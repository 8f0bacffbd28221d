// The marks of one completion: two buttons, a note, and what is marked now.
"use strict";

import { el, setText } from "./dom.js";
import { dateTime } from "./format.js";
import { markOf, setMark } from "./marks.js";

const KEYS = { verifier_wrong: "w", suspicious: "s" };

/** A form for one completion; `press(kind)` is what its buttons do, `draw()` shows the mark as the stream has it now. */
export function markForm(run, group, index, words) {
  const properties = {
    "aria-label": "Note",
    placeholder: "why? (a note, Enter keeps it)",
    maxlength: "2000",
    autocomplete: "off",
  };
  const note = el("input.mark-note", properties);
  const said = el("span.soft.mark-said", { role: "status" });
  const buttons = Object.entries(words).map(([kind, word]) => markButton(kind, word, () => press(kind)));
  const form = el(
    "form.marking",
    { "aria-label": "Mark this completion" },
    ...buttons.map(({ button }) => button),
    note,
    said,
  );
  const mark = { kind: null, saved: Promise.resolve() };
  const save = (kind) => {
    const [text, before] = [note.value, mark.saved];
    mark.kind = kind;
    drawMark({ kind, note: text, at: null }, buttons, note, said);
    // One after the other, so that the last one holds.
    mark.saved = before
      .then(() => setMark(run, group, index, kind, text))
      .catch((error) => setText(said, error.message));
  };
  const press = (kind) => {
    const taken = mark.kind === kind;
    if (taken) note.value = "";
    save(taken ? null : kind);
    if (!taken) note.focus();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save(mark.kind ?? "suspicious");
    note.blur();
  });
  const draw = () => {
    const stored = markOf(group, index);
    mark.kind = stored?.kind ?? null;
    drawMark(stored, buttons, note, said);
  };
  return { element: form, press, draw };
}

function markButton(kind, word, onclick) {
  const title = `${word.meaning} Key ${KEYS[kind]}; again takes it back.`;
  const button = el(
    `button.press.mark-button.tone-${word.tone}`,
    { type: "button", title, onclick },
    `${word.mark} ${word.label}`,
  );
  return { kind, button };
}

function drawMark(mark, buttons, note, said) {
  const kind = mark?.kind ?? null;
  for (const each of buttons) each.button.setAttribute("aria-pressed", String(each.kind === kind));
  if (document.activeElement !== note) note.value = mark?.note ?? "";
  note.hidden = kind === null;
  setText(said, mark?.at ? `marked ${dateTime(new Date(mark.at * 1000).toISOString())}` : "");
}
