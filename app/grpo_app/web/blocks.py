"""Gradio's part: the pages as Blocks, their theme, and how they are mounted."""

from __future__ import annotations

import warnings

import gradio as gr
from fastapi import FastAPI

from grpo_app.web.own_files import address
from grpo_app.web.pages.groups import groups_page
from grpo_app.web.pages.new import new_page
from grpo_app.web.pages.playground import playground_page
from grpo_app.web.pages.problems import problems_page
from grpo_app.web.pages.run import run_page
from grpo_app.web.pages.runs import runs_page

TITLE = "grpo-dash"
SYSTEM_FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")
MONO_FONTS = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")
QUEUE_SECONDS = 1.0
"""How often Gradio looks whether an event waits. It would look a thousand times a second, a twentieth of a core for
nothing: no page has events."""


def make_blocks() -> gr.Blocks:
    """No events, no state: what a page shows comes from the live stream and the JSON routes."""
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True) as blocks:
        run_page()
    with blocks.route("Groups", "/groups"):
        groups_page()
    with blocks.route("Problems", "/problems"):
        problems_page()
    with blocks.route("Runs", "/runs"):
        runs_page()
    with blocks.route("Playground", "/playground"):
        playground_page()
    with blocks.route("New run", "/new"):
        new_page()
    return blocks


def mount_blocks(app: FastAPI, blocks: gr.Blocks) -> FastAPI:
    """Every option is given: what is left at None an environment variable may fill in."""
    with warnings.catch_warnings():
        # Said of every app with several pages, also when server-side rendering was not asked for.
        warnings.filterwarnings("ignore", "SSR mode is not supported", UserWarning)
        _mount(app, blocks)
    blocks._queue.sleep_when_free = blocks._queue.progress_update_sleep_when_free = QUEUE_SECONDS
    return app


def _mount(app: FastAPI, blocks: gr.Blocks) -> None:
    gr.mount_gradio_app(
        app,
        blocks,
        path="/",
        root_path="",
        server_name="127.0.0.1",
        footer_links=[],
        run_history=False,
        allowed_paths=[],
        blocked_paths=["/"],
        show_error=False,
        max_file_size="1mb",
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        theme=gr.themes.Base(font=SYSTEM_FONTS, font_mono=MONO_FONTS),
        head=_head(),
    )


def _head() -> str:
    return (
        f'<link rel="stylesheet" href="{address("page.css")}">'
        f'<link rel="icon" type="image/svg+xml" href="{address("shared/icon.svg")}">'
        '<meta name="color-scheme" content="light dark">'
    )
