"""A real server over a folder of sample runs, and a browser to look at it."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from grpo_app.web.live import LiveHub
from grpo_app.web.server import PageServer, create_app

CHROMIUM_VARIABLE = "GRPO_DASH_CHROMIUM"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LIMIT_MILLISECONDS = 60_000
expect.set_options(timeout=LIMIT_MILLISECONDS / 2)


@dataclass(frozen=True)
class Served:
    """A running page: its address, the runs folder behind it and the hub that feeds it."""

    address: str
    runs_dir: Path
    hub: LiveHub


@contextmanager
def serving(runs_dir: Path, token: str | None = None) -> Iterator[Served]:
    """A server in a thread of its own, stopped at the end."""
    addresses: list[str] = []
    servers: list[PageServer] = []
    ready = threading.Event()

    async def run() -> None:
        app = create_app(runs_dir, token=token)
        config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", timeout_graceful_shutdown=3)
        servers.append(PageServer(config, app, token, on_ready))
        await servers[0].serve()

    def on_ready(address: str) -> None:
        addresses.append(address)
        ready.set()

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    assert ready.wait(30), "the server did not start"
    server = servers[0]
    yield Served(addresses[0].split("/?")[0].rstrip("/"), runs_dir, server.config.app.state.hub)
    server.should_exit = True
    thread.join(15)
    assert not thread.is_alive(), "the server did not stop"


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("runs")) as server:
        yield server


def make_app(runs_dir: Path, token: str | None = None) -> FastAPI:
    """The app made within a loop, as Gradio would else leave a loop of its own behind."""

    async def made() -> FastAPI:
        return create_app(runs_dir, token=token)

    return asyncio.run(made())


@dataclass
class Watch:
    """What must not happen on any page: requests beyond the server, errors on the console."""

    address: str
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def attach(self, page: Page) -> None:
        page.on("request", lambda request: self._request(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self._said(message.type, message.text))

    def _said(self, kind: str, text: str) -> None:
        """A browser itself reports what the server refuses (409, 422), and nothing can keep it from that."""
        refused = "the server responded with a status of 4" in text and ("409" in text or "422" in text)
        if kind == "error" and not refused:
            self.errors.append(text)

    def _request(self, url: str) -> None:
        if not url.startswith((f"{self.address}/", "data:", "blob:")):
            self.outside.append(url)


# Playwright's loop stays in its thread while it is started, which tests with a loop of their own could not bear:
# hence one browser a module, not one a session.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium_path(playwright), args=CHROMIUM_ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One a module, so that a browser's cache is warm after its first page."""
    opened = browser.new_context(viewport={"width": 1280, "height": 800})
    opened.set_default_timeout(LIMIT_MILLISECONDS)
    yield opened
    opened.close()


@pytest.fixture
def watched(served: Served) -> Watch:
    return Watch(served.address)


@pytest.fixture
def page(context: BrowserContext, watched: Watch) -> Iterator[Page]:
    """A page on which any console error or request beyond the server fails the test."""
    opened = context.new_page()
    watched.attach(opened)
    yield opened
    opened.close()
    assert watched.errors == []
    assert watched.outside == []


@pytest.fixture
def light_curves(context: BrowserContext) -> Iterator[None]:
    """Curves that keep their data and draw nothing, where drawing is not what is tested."""
    react = "react(plot, data) { plot.data = data; plot.on = () => {}; plot.classList.add('js-plotly-plot'); }"
    pattern = "**/plotly.min.js"
    context.route(
        pattern, lambda route: route.fulfill(body=f"window.Plotly = {{ {react} }};", content_type="text/javascript")
    )
    yield
    context.unroute(pattern)


def chromium_path(playwright: Playwright) -> str:
    """The browser's path: the setting's, one on PATH, Playwright's own, or the system's package where it may be
    installed. Skips if there is none, but never where CI is set: there it is an error."""
    named = os.environ.get(CHROMIUM_VARIABLE)
    found = named or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if found is None and Path(playwright.chromium.executable_path).is_file():
        found = playwright.chromium.executable_path
    found = found or _installed_chromium()
    if found:
        return found
    reason = f"no Chromium: set {CHROMIUM_VARIABLE}, install chromium, or run `playwright install chromium`"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _installed_chromium() -> str | None:
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return None
    command = ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]
    subprocess.run(command, check=False, capture_output=True, timeout=240)
    return shutil.which("chromium")
