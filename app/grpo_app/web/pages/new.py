"""The page for a new run: every setting with its help, and beside them what is to be known before the start."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.panels.head import head
from grpo_app.web.panels.settings import settings
from grpo_app.web.panels.start import start


def new_page() -> None:
    head("new")
    with gr.Row(elem_id="new-columns"):
        with gr.Column(elem_id="new-left"):
            settings()
        with gr.Column(elem_id="new-right"):
            start()
