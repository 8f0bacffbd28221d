"""What a page's answer names in advance is what the page then loads."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from grpo_app.web.early import modules_of
from grpo_app.web.own_files import own_files
from tests.app.web.conftest import Served
from tests.samples import write_sample_run


@pytest.mark.parametrize("name", [name for name in own_files() if name.endswith(".js")])
def test_every_import_of_a_module_is_a_file(name: str) -> None:
    assert modules_of(name) <= own_files().keys()


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/", "/groups", "/problems", "/runs", "/playground", "/new"])
def test_a_page_loads_of_our_own_what_its_answer_named(served: Served, page: Page, path: str) -> None:
    run = write_sample_run(served.runs_dir, steps=2)
    loaded: set[str] = set()
    page.on("request", lambda request: loaded.add(request.url.removeprefix(f"{served.address}/")))
    answer = page.goto(f"{served.address}{path}?ref={run.id}")
    assert answer is not None
    page.locator(".picker select").wait_for()
    page.wait_for_function("document.querySelectorAll('.own-panel [inert], .own-panel[inert]').length === 0")
    named = set(re.findall(r"<(own/[^>]+)>", answer.headers["link"]))
    assert {name for name in loaded if re.match(r"own/\w+/.*\.(js|css)$", name)} == named
    assert any(name.endswith("plotly.min.js") for name in named) == (path == "/")
