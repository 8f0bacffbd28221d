"""The groups page: every group of a run, the one being sampled, and one group with its verdicts."""

from __future__ import annotations

import gradio as gr

from grpo_app.web.panels.advantages import advantages
from grpo_app.web.panels.compare import compare
from grpo_app.web.panels.completions import completions
from grpo_app.web.panels.group_detail import group_detail
from grpo_app.web.panels.group_list import group_list
from grpo_app.web.panels.head import head
from grpo_app.web.panels.sampling import sampling
from grpo_app.web.panels.verdict import verdict


def groups_page() -> None:
    head("groups")
    with gr.Row(elem_id="groups-columns"):
        with gr.Column(elem_id="groups-left"):
            group_list()
        with gr.Column(elem_id="groups-right"):
            sampling()
            group_detail()
            completions()
            verdict()
            compare()
            advantages()
