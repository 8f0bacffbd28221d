// Building and changing the page's elements. Text only ever goes in as text: what a model wrote is never markup.
"use strict";

const FORBIDDEN =
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069\uFEFF]/g;

/** The text with every character that could reorder or hide what is read shown as U+FFFD, one for one. */
export function readable(text) {
  return String(text).replace(FORBIDDEN, "\uFFFD");
}

/** An element: `el("b.big", {title: "…"}, "text", child)`. A property named `on…` is a listener. */
export function el(name, properties = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag || "div");
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties)) setProperty(element, key, value);
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false).map(asNode));
  return element;
}

function asNode(child) {
  return child instanceof Node ? child : document.createTextNode(readable(child));
}

function setProperty(element, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
  else if (key === "style") Object.entries(value).forEach(([name, text]) => element.style.setProperty(name, text));
  else element.setAttribute(key, value === true ? "" : readable(value));
}

/** Set an element's text, touching the document only if it differs. */
export function setText(element, text) {
  const shown = readable(text);
  if (element.textContent !== shown) element.textContent = shown;
}

/** The element of a panel's template that has this `data-part`. */
export function part(root, name) {
  return root.querySelector(`[data-part="${name}"]`);
}

/** A small round “?” that explains, on hover and on focus. */
export function help(...lines) {
  const said = lines.filter(Boolean);
  const text = el("span.help-text", { role: "tooltip" }, ...said.map((line) => el("span", {}, line)));
  return el("span.help", { tabindex: "0", "aria-label": `What is this? ${said.join(". ")}` }, "?", text);
}

/** A code's mark and word, coloured by its tone. */
export function badge(word, title = word.meaning) {
  const mark = el("span.mark", { "aria-hidden": "true" }, word.mark);
  return el(`span.badge.tone-${word.tone}`, { title }, mark, word.label);
}

/** Run `draw` now or, if it ran less than `milliseconds` ago, once when they have passed. */
export function atMostEvery(milliseconds, draw) {
  let last = -Infinity;
  let waiting = false;
  const run = () => {
    waiting = false;
    last = performance.now();
    draw();
  };
  return () => {
    if (waiting) return;
    waiting = true;
    setTimeout(run, Math.max(0, last + milliseconds - performance.now()));
  };
}

/** Run `draw` once at the next frame, however often it is asked for. */
export function oncePerFrame(draw) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
}
