"""Axe finds no serious fault: every view on a telephone in the dark and on a desk in the light."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from grpo_core.runs import RunFolder
from tests.app.web.actors import enliven
from tests.app.web.conftest import Served
from tests.samples import write_sample_live, write_sample_run

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("light_curves")]
LOOKS = (("dark", 390), ("light", 1280))
SERIOUS = {"serious", "critical"}
VIEWS = {
    "/?ref=RUN": ".curve",
    "/?ref=no-such-run": ".empty h2",
    "/groups?ref=RUN/group/1": ".stream",
    "/groups?ref=RUN/group/1/k/0": ".credit-rows",
    "/groups?ref=RUN/group/1&view=compare": ".compare-rows",
    "/groups?ref=RUN/group/1&view=advantages": ".forms tfoot",
    "/groups?ref=RUN/group/1&outcome=wrong&q=boxed": "mark.found",
    "/problems?ref=RUN/problem/chain-1": ".visits li a",
    "/runs?with=RUN": "[data-run]",
    "/playground?ref=RUN": ".ask",
    "/new": ".settings .group",
}


@pytest.fixture(scope="module")
def run(served: Served) -> Iterator[RunFolder]:
    folder = enliven(write_sample_run(served.runs_dir, steps=8))
    write_sample_live(folder, step=9).close()
    yield folder
    folder.heartbeat.unlink()


@pytest.mark.parametrize("path", VIEWS)
def test_axe_finds_nothing_serious(served: Served, run: RunFolder, page: Page, path: str) -> None:
    page.goto(f"{served.address}{path.replace('RUN', run.id)}")
    page.locator(VIEWS[path]).first.wait_for()
    assert [fault for theme, width in LOOKS for fault in _faults(page, theme, width)] == []


def _faults(page: Page, theme: str, width: int) -> list[str]:
    """What axe calls serious or critical, with the elements that it is about."""
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{theme}, {width} px: {fault['id']} in {node['html'][:200]}"
        for fault in found
        if fault["impact"] in SERIOUS
        for node in fault["nodes"]
    ]
