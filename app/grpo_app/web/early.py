"""What a page will load of our own, named in its answer's header, so that a browser fetches it while Gradio starts.

Gradio's page names our files only when its own scripts run, and modules name each other one after the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from posixpath import dirname, join, normpath

import gradio as gr
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grpo_app.web.own_files import PLOTLY, address, own_files

DRAWS_AT_ONCE = frozenset({"curves"})
"""Panels that draw curves as soon as there is a run."""
_IMPORT = re.compile(rb'^import [^;]*?from "(\.[^"]+)";', re.MULTILINE | re.DOTALL)


class Early:
    """The layer: `links` are the values of the Link header by page."""

    def __init__(self, app: ASGIApp, links: Mapping[str, str]) -> None:
        self._app = app
        self._links = {path: value.encode() for path, value in links.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        link = self._links.get(scope["path"].strip("/")) if scope["type"] == "http" else None
        await self._app(scope, receive, _with_link(send, link) if link else send)


def _with_link(send: Send, link: bytes) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            message["headers"] = [*message.get("headers", ()), (b"link", link)]
        await send(message)

    return wrapped


def links_of_pages(blocks: gr.Blocks) -> dict[str, str]:
    """The Link header of each page, by its path without slashes."""
    pages = blocks.get_config_file()["page"]
    return {path: ", ".join(_links(_panels(blocks, page["components"]))) for path, page in pages.items()}


def _panels(blocks: gr.Blocks, components: Iterable[int]) -> list[str]:
    """The names of the panels (`group_list`) among these components."""
    ids = [getattr(blocks.blocks[component], "elem_id", None) or "" for component in components]
    return [each.removeprefix("panel-").replace("-", "_") for each in ids if each.startswith("panel-")]


def _links(panels: list[str]) -> list[str]:
    modules = sorted({module for panel in panels for module in modules_of(f"panels/{panel}.js")})
    curves = [f"<{address(PLOTLY)}>; rel=preload; as=script"] if DRAWS_AT_ONCE & set(panels) else []
    sheet = f"<{address('page.css')}>; rel=preload; as=style"
    return [sheet, *(f"<{address(module)}>; rel=modulepreload" for module in modules), *curves]


@cache
def modules_of(name: str) -> frozenset[str]:
    """A module and all that it imports, in turn."""
    found, waiting = {name}, [name]
    while waiting:
        module = waiting.pop()
        for imported in _IMPORT.findall(own_files()[module]):
            other = normpath(join(dirname(module), imported.decode()))
            waiting += [other] if other not in found else []
            found.add(other)
    return frozenset(found)
