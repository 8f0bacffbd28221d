"""Two completions side by side in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from grpo_core.runs import RunFolder
from tests.app.web.conftest import Served
from tests.samples import write_sample_run

pytestmark = pytest.mark.browser


@pytest.fixture
def run(served: Served) -> RunFolder:
    return write_sample_run(served.runs_dir, steps=4)


def test_the_best_stands_beside_the_worst(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/groups?ref={run.id}/group/1")
    page.locator('[data-view="compare"]').click()
    expect(page.locator(".compare-title .k")).to_have_text(["k0", "k1"])
    expect(page.locator('.compare-row[data-kind="same"]').first).to_contain_text("12+7=19")
    expect(page.locator('.compare-row[data-kind="changed"] em').first).to_be_visible()
    expect(page.locator(".answer-tag")).to_have_count(2)


def test_a_pair_that_was_chosen_is_there_after_a_reload(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/groups?ref={run.id}/group/7&view=compare")
    page.locator(".visit").first.click()
    expect(page.locator('.visit[data-here="right"]')).to_contain_text("step 1, right")
    page.locator('.compare select[data-part="right"]').select_option("3")
    expect(page.locator(".compare-title .k")).to_have_text(["k0", "k3"])
    page.reload()
    expect(page.locator(".compare-title .k")).to_have_text(["k0", "k3"])
    expect(page.locator('.visit[data-here="right"]')).to_contain_text("step 1, right")
