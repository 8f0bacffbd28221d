// The verdict on one completion. Each part is drawn again only if what it shows changed, so that nothing that a person
// opened, scrolled or typed is lost when the update fills in what it knows.
"use strict";

import { el, part, setText } from "../shared/dom.js";
import { annotatedText } from "../shared/annotated.js";
import { completionHead } from "../shared/completion.js";
import { creditElements } from "../shared/credit.js";
import { onGroup, open } from "../shared/open_group.js";
import { onSelection, selection } from "../shared/selection.js";
import { bringIntoSight } from "../shared/sight.js";
import { markForm } from "../shared/mark_form.js";
import { onMarkKey } from "../shared/group_keys.js";
import { listen } from "../shared/stream.js";
import { ask, send, words } from "../shared/site.js";
import { comparedElement, wayElements } from "../shared/way.js";

/** JSON of what each part shows, the address of the verdict that is shown, its explanation, and its marks' form. */
const drawn = { parts: {}, address: null, why: null, marking: null };

export async function mount(root) {
  const codes = await words();
  part(root, "again").addEventListener("submit", (event) => {
    event.preventDefault();
    judgeAgain(root, codes);
  });
  onGroup(() => draw(root, codes));
  onSelection(() => draw(root, codes));
  listen((change) => (change.marks || change.whole) && drawn.marking?.draw());
  onMarkKey((kind) => part(root, "card").hidden || drawn.marking?.press(kind));
}

function draw(root, codes) {
  const { group } = open;
  const completion = group?.completions[selection.completion];
  part(root, "card").hidden = selection.view !== "verdict" || !group;
  part(root, "columns").hidden = !completion;
  if (part(root, "card").hidden) return;
  if (!completion) return drawMissing(root);
  const address = `api/runs/${open.run}/group/${group.id}/k/${completion.index}`;
  if (address !== drawn.address) begin(root, address, completion, codes);
  onChange("title", [completion, group], () => completionHead(completion, group, codes), root);
  onChange("text", [completion.text, completion.verdict], () => textElements(completion, codes), root);
  if (drawn.parts.verdict !== JSON.stringify(completion.verdict)) explain(root, completion, codes, address);
  return undefined;
}

function drawMissing(root) {
  Object.assign(drawn, { parts: {}, address: null, marking: null });
  part(root, "marking").replaceChildren();
  part(root, "title").replaceChildren(el("p.soft", {}, `This group has no completion k${selection.completion}.`));
  for (const name of ["way", "text"]) part(root, name).replaceChildren();
  for (const name of ["credit", "again"]) part(root, name).hidden = true;
}

function begin(root, address, { index }, codes) {
  const { run, group } = open;
  const first = drawn.address === null;
  Object.assign(drawn, { parts: {}, address, why: null });
  if (first) requestAnimationFrame(bringIntoSight);
  drawn.marking = markForm(run, group.id, index, codes.marks);
  part(root, "marking").replaceChildren(drawn.marking.element);
  drawn.marking.draw();
  part(root, "again").hidden = false;
  part(root, "gold").value = group.problem.gold;
  part(root, "result").hidden = true;
  part(root, "credit").hidden = true;
}

function onChange(name, facts, elements, root) {
  const json = JSON.stringify(facts);
  if (drawn.parts[name] === json) return;
  drawn.parts[name] = json;
  part(root, name).replaceChildren(...elements());
}

function textElements(completion, codes) {
  const tone = codes.outcomes[completion.verdict?.outcome]?.tone ?? "muted";
  return [el("h3", {}, "The whole text"), el(`div.tone-${tone}`, {}, annotatedText(completion, codes.steps))];
}

async function explain(root, completion, codes, address) {
  drawn.parts.verdict = JSON.stringify(completion.verdict);
  if (drawn.why === null) part(root, "way").replaceChildren(el("p.soft", {}, "Asking the oracle how it came about …"));
  try {
    const why = await ask(`${address}/why`);
    if (drawn.address !== address) return;
    drawn.why = why;
    part(root, "way").replaceChildren(...wayElements(why.trail, codes));
    drawCredit(root, why, codes);
  } catch (error) {
    if (drawn.address === address) part(root, "way").replaceChildren(el("p.tone-bad.said", {}, error.message));
  }
}

function drawCredit(root, { credit }, codes) {
  part(root, "credit").hidden = credit === null;
  if (credit !== null) part(root, "credit").replaceChildren(...creditElements(credit, codes));
}

async function judgeAgain(root, codes) {
  const { address } = drawn;
  const gold = part(root, "gold").value.trim();
  const button = part(root, "judge");
  if (!gold || button.disabled) return part(root, "gold").focus();
  button.disabled = true;
  setText(button, "Judging …");
  try {
    const again = await send(`${address}/judge`, { gold });
    if (drawn.address === address) showResult(root, comparedElement(storedVerdict(), again, codes));
  } catch (error) {
    if (drawn.address === address) showResult(root, el("p.tone-bad.said", {}, error.message));
  } finally {
    button.disabled = false;
    setText(button, "Judge");
  }
  return undefined;
}

function storedVerdict() {
  const { problem, completions } = open.group;
  const { outcome = null, message = "" } = completions[selection.completion].verdict ?? {};
  return { gold: problem.gold, trail: { outcome, message } };
}

function showResult(root, element) {
  part(root, "result").hidden = false;
  part(root, "result").replaceChildren(element);
}
