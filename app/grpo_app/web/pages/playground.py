"""The playground: ask any checkpoint anything, see it answer, and have it judged as in training."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.panels.answers import answers
from grpo_app.web.panels.ask import ask
from grpo_app.web.panels.asked import asked
from grpo_app.web.panels.head import head


def playground_page() -> None:
    head("playground")
    with gr.Row(elem_id="playground-columns"):
        with gr.Column(elem_id="playground-left"):
            ask()
            asked()
        with gr.Column(elem_id="playground-right"):
            answers()
