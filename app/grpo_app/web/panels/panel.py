"""What every panel is: a `gr.HTML` whose template never holds data and whose module fills it in with `textContent`.

Gradio evaluates `${…}` and `{{…}}` in templates and values, so nothing that a model wrote may pass through either.
A function, not a subclass: Gradio writes a stub file beside every subclass of a component.
"""

from __future__ import annotations

import gradio as gr

from grpo_app.web.own_files import address

# Until its module listens, a panel takes neither clicks nor keys: what a person presses is never lost.
_ON_LOAD = """
element.inert = true;
import(new URL('ADDRESS', document.baseURI).href)
  .then((module) => module.mount(element))
  .finally(() => (element.inert = false));
"""


def panel(name: str, template: str) -> gr.HTML:
    """The panel whose module is `panels/NAME.js` (dashes for underscores in its element's id)."""
    return gr.HTML(
        html_template=template,
        css_template="",
        js_on_load=_ON_LOAD.replace("ADDRESS", address(f"panels/{name}.js")),
        apply_default_css=False,
        elem_id=f"panel-{name.replace('_', '-')}",
        elem_classes=["own-panel"],
    )
