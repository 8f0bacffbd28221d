// Plotly, from the page's own files, loaded once by whoever draws with it.
"use strict";

import { el } from "./dom.js";

let loading = null;

export function loadPlotly(address) {
  loading ??= window.Plotly ? Promise.resolve() : load(address);
  return loading;
}

function load(address) {
  return new Promise((resolve, reject) => {
    const script = el("script", { src: address });
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => reject(new Error("The curves' library did not load.")));
    document.head.append(script);
  });
}
