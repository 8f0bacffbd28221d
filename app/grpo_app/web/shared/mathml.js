// Mathematics as the oracle read it: nested lists `[tag, child, …]` become MathML, which the browser draws by itself.
"use strict";

import { readable } from "./dom.js";

const NAMESPACE = "http://www.w3.org/1998/Math/MathML";
const TAGS = new Set(
  "mrow mn mi mo mtext mfrac msup msub msubsup msqrt mroot mtable mtr mtd munder munderover".split(" "),
);

/** A `<math>` element; `label` is read aloud in its place. A tag that is not mathematics becomes a plain row. */
export function mathElement(tree, label) {
  const math = document.createElementNS(NAMESPACE, "math");
  math.setAttribute("display", "block");
  math.setAttribute("aria-label", readable(label));
  math.append(nodeOf(tree));
  return math;
}

function nodeOf(tree) {
  if (typeof tree === "string") return document.createTextNode(readable(tree));
  const [tag, ...children] = tree;
  const element = document.createElementNS(NAMESPACE, TAGS.has(tag) ? tag : "mrow");
  element.append(...children.map(nodeOf));
  return element;
}
