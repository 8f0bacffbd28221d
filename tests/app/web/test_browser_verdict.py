"""The verdict on one completion in a real browser: the way to it, partial credit, judging again, and what stays."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from grpo_core.runs import RunFolder
from grpo_core.store import CompletionUpdate
from tests.app.web.conftest import Served
from tests.samples import write_sample_run

pytestmark = pytest.mark.browser


@pytest.fixture
def run(served: Served) -> RunFolder:
    return write_sample_run(served.runs_dir, steps=2)


def test_the_way_to_a_verdict_is_drawn(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/groups?ref={run.id}/group/1/k/0")
    stations = page.locator(".station")
    expect(stations).to_have_count(5)
    expect(stations.nth(0).locator("mark")).to_have_text("52")
    expect(stations.nth(1)).to_contain_text("the last box")
    expect(stations.nth(2).locator("math")).to_have_text(["52", "52"])
    expect(stations.nth(2).locator(".tree .leaf")).to_have_count(2)
    expect(stations.nth(3).locator('[data-state="decided"]')).to_contain_text("exact value")
    expect(stations.nth(4)).to_contain_text("equals the gold answer 52")


def test_a_tree_folds_by_keyboard(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/groups?ref={run.id}/group/2/k/0")
    tree = page.locator('.tree[aria-label="The gold as a tree"]')
    expect(tree.locator(".node:visible")).to_have_count(8)
    tree.locator("button.node").first.focus()
    page.keyboard.press("Enter")
    expect(tree.locator(".node:visible")).to_have_count(1)


def test_credits_add_up_in_sight(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/groups?ref={run.id}/group/1/k/0")
    sums = page.locator(".credit-rows tr[data-kind=step] td:last-child")
    expect(sums).to_have_text(["0.33", "0.67", "1.00"])
    expect(page.locator(".credit-title b")).to_have_text("1.00")


def test_another_gold_is_judged_beside_the_stored_verdict(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/groups?ref={run.id}/group/1/k/0")
    expect(page.locator("[data-part=gold]")).to_have_value("52")
    page.locator("[data-part=gold]").fill("28")
    page.keyboard.press("Enter")
    sides = page.locator(".compared-sides section")
    expect(sides.nth(0)).to_contain_text("correct")
    expect(sides.nth(1)).to_contain_text("wrong")
    expect(page.locator(".verdict-head .badge")).to_contain_text("correct")


def test_what_a_person_opened_and_typed_stays_when_the_update_comes(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/groups?ref={run.id}/group/1/k/0")
    details = page.locator(".parse details").first
    details.locator("summary").click()
    page.locator("[data-part=gold]").fill("half-typed")
    writer = run.writer()
    writer.fill_completions([CompletionUpdate(1, 0, -0.77, 0.5)])
    writer.close()
    expect(page.locator(".verdict-head .facts")).to_contain_text("−0.77")
    expect(details).to_have_attribute("open", "")
    expect(page.locator("[data-part=gold]")).to_have_value("half-typed")
