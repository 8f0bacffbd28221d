"""The pages of all runs and of a run's problems in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from grpo_core.runs import list_run_folders
from tests.app.web.conftest import Served
from tests.samples import write_sample_run

pytestmark = pytest.mark.browser


def test_a_run_is_renamed_tagged_and_found(served: Served, page: Page) -> None:
    run = write_sample_run(served.runs_dir, steps=2)
    page.goto(f"{served.address}/runs?ref={run.id}")
    page.wait_for_selector(f'[data-run="{run.id}"]')
    page.get_by_role("button", name=f"Rename and tag {run.id}").click()
    form = page.locator(".popover:popover-open form")
    form.get_by_label("Name").fill("<b>bold</b>")
    form.get_by_label("Tags").fill("keep, k=4")
    form.get_by_role("button", name="Save").click()
    row = page.locator(f'[data-run="{run.id}"]')
    expect(row.locator(".run-name a")).to_have_text("<b>bold</b>")
    expect(row.locator(".run-tag")).to_have_text(["keep", "k=4"])
    page.get_by_label("Find runs").fill("k=4")
    expect(page.locator("[data-run]")).to_have_count(1)


def test_deleting_asks_first(served: Served, page: Page) -> None:
    run = write_sample_run(served.runs_dir, steps=2)
    page.goto(f"{served.address}/runs")
    page.wait_for_selector(f'[data-run="{run.id}"]')
    delete = page.locator(f'[data-run="{run.id}"]').get_by_role("button", name=f"Delete {run.id}", exact=True)
    delete.first.click()
    page.keyboard.press("Escape")
    assert run.database.is_file()
    delete.first.click()
    page.locator(".popover:popover-open .final").click()
    expect(page.locator(f'[data-run="{run.id}"]')).to_have_count(0)
    expect(page.locator("#panel-run-table .said")).to_have_text(f"{run.id} was deleted.")
    assert run.id not in [folder.id for folder in list_run_folders(served.runs_dir)]


def test_two_runs_lie_side_by_side_also_after_a_reload(served: Served, page: Page) -> None:
    runs = [write_sample_run(served.runs_dir, steps=steps) for steps in (4, 8)]
    page.goto(f"{served.address}/runs")
    for run in runs:
        page.get_by_label(f"Lay {run.id} side by side").check()
    page.wait_for_selector('.beside-curves [data-chart="reward"] .js-plotly-plot')
    assert f"with={runs[0].id}" in page.url
    page.reload()
    page.wait_for_selector('.beside-curves [data-chart="reward"] .js-plotly-plot')
    expect(page.locator(".beside")).to_contain_text("max_steps")
    expect(page.locator(".beside-legend a")).to_have_text([run.id for run in runs])


def test_a_problem_opens_to_its_visits_and_the_address_names_it(served: Served, page: Page) -> None:
    run = write_sample_run(served.runs_dir, steps=12)
    page.goto(f"{served.address}/problems?ref={run.id}")
    page.wait_for_selector(".problem-line")
    page.locator('[data-course="learnt"]').click()
    expect(page.locator(".problem-row")).to_have_count(1)
    expect(page.locator(".problem-course")).to_contain_text("at step 7")
    page.locator(".problem-line").click()
    expect(page.locator(".visits li")).to_have_count(12)
    expect(page.locator(".visits .turned")).to_have_count(1)
    assert re.search(rf"ref={run.id}/problem/expand-1&course=learnt$", page.url)
    page.reload()
    page.wait_for_selector(".visits li .turned")
    expect(page.locator(".problem-ways")).to_contain_text("x^2-x-12")
