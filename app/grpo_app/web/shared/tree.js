// A parse drawn as a tree from the top down. A node with branches is a button that folds them.
"use strict";

import { el } from "./dom.js";

/** Branches below this depth are folded at first. */
const OPEN_DEPTH = 5;

export function treeElement(node, label) {
  return el("div.tree", { role: "group", "aria-label": label, tabindex: "0" }, el("ul", {}, branch(node, 0)));
}

function branch(node, depth) {
  const { children } = node;
  if (!children.length) return el("li", {}, el(`span.node.leaf`, { title: node.name }, node.label));
  const below = el("ul", { hidden: depth >= OPEN_DEPTH }, ...children.map((child) => branch(child, depth + 1)));
  const button = el(
    "button.node",
    { type: "button", title: `${node.name}: click to fold or unfold`, "aria-expanded": String(!below.hidden) },
    node.label,
  );
  button.setAttribute("aria-label", `${node.label} ${node.name}, ${children.length} parts`);
  button.addEventListener("click", () => {
    below.hidden = !below.hidden;
    button.setAttribute("aria-expanded", String(!below.hidden));
  });
  return el("li", {}, button, below);
}
