// The marks of one completion: two buttons, a note, and what is marked now.
"use strict";

import { el, setText } from "./dom.js";
import { dateTime } from "./format.js";
import { markOf, setMark } from "./marks.js";

const KEYS = { verifier_wrong: "w", suspicious: "s" };

/** A form for one completion; `press(kind)` is what its buttons do, `draw()` shows the mark as it is known now, but
 * takes nothing from a person who writes a note or whose mark is on its way. */
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
  const mark = { kind: null, saving: 0, saved: Promise.resolve() };
  const draw = () => {
    if (mark.saving || document.activeElement === note) return;
    const stored = markOf(group, index);
    mark.kind = stored?.kind ?? null;
    drawMark(stored, buttons, note, said);
  };
  const save = (kind) => {
    const [text, before] = [note.value, mark.saved];
    mark.kind = kind;
    mark.saving += 1;
    drawMark({ kind, note: text, at: null }, buttons, note, said);
    // One after the other, so that the last one holds.
    mark.saved = before
      .then(() => setMark(run, group, index, kind, text))
      .then(() => null, (error) => error.message)
      .then((trouble) => {
        mark.saving -= 1;
        draw();
        if (trouble) setText(said, trouble);
      });
  };
  const press = (kind) => {
    const taken = mark.kind === kind;
    if (taken) note.value = "";
    save(taken ? null : kind);
    if (!taken) note.focus();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    note.blur();
  });
  note.addEventListener("change", () => mark.kind && save(mark.kind));
  note.addEventListener("blur", draw);
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
  note.value = mark?.note ?? "";
  note.hidden = kind === null;
  setText(said, mark?.at ? `marked ${dateTime(new Date(mark.at * 1000).toISOString())}` : "");
}
