"""The pages of all runs and of a run's problems in a real browser."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace

import pytest
from playwright.sync_api import Page, Route, expect

from grpo_core.runs import list_run_folders
from tests.app.web.conftest import Served
from tests.samples import CHAIN, sample_group, write_sample_run

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


def test_what_is_being_renamed_stays_while_the_list_changes(served: Served, page: Page) -> None:
    run = write_sample_run(served.runs_dir, steps=2)
    page.goto(f"{served.address}/runs")
    page.get_by_role("button", name=f"Rename and tag {run.id}").click()
    name = page.locator(".popover:popover-open").get_by_label("Name")
    name.fill("half writ")
    other = write_sample_run(served.runs_dir, steps=2)
    with page.expect_response(lambda answer: "/api/overview" in answer.url and other.id in answer.text()):
        pass
    with page.expect_response("**/api/overview*"):
        pass
    expect(name).to_have_value("half writ")
    page.keyboard.type("ten")
    page.keyboard.press("Enter")
    expect(page.locator(f'[data-run="{run.id}"] .run-name a')).to_have_text("half written")
    expect(page.locator(f'[data-run="{other.id}"]')).to_be_visible()


def test_the_settings_of_a_run_are_below_its_curves(served: Served, page: Page) -> None:
    run = write_sample_run(served.runs_dir, steps=2)
    page.goto(f"{served.address}/?ref={run.id}")
    expect(page.locator(".run-settings-changed")).to_contain_text("max_steps 2")
    page.get_by_role("button", name="settings").click()
    row = page.locator(".run-settings dd", has_text="usually 200")
    expect(row).to_be_in_viewport()
    expect(row.locator("b")).to_have_text("2")


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


def test_an_answer_that_a_newer_one_overtook_is_not_shown(served: Served, page: Page) -> None:
    run = write_sample_run(served.runs_dir, steps=12)
    page.goto(f"{served.address}/problems?ref={run.id}")
    page.wait_for_selector(".problem-line")
    held: list[Route] = []
    page.route("**/problems?*sort=worst*", lambda route: held.append(route))
    order = page.locator(".problem-tools select[data-part=sort]")
    order.select_option("worst")
    order.select_option("visits")
    page.locator('[data-course="learnt"]').click()
    expect(page.locator(".problem-row")).to_have_count(1)
    with page.expect_response("**/problems?*sort=worst*"):
        held[0].continue_()
    page.evaluate("() => new Promise(requestAnimationFrame)")
    expect(page.locator(".problem-row")).to_have_count(1)


def test_a_problem_of_another_page_of_the_list_is_opened_by_its_reference(served: Served, page: Page) -> None:
    run = write_sample_run(served.runs_dir, steps=1)
    writer = run.writer()
    others = [replace(CHAIN, id=f"other-{number}", prompt=f"{number}+1") for number in range(41)]
    first = writer.next_group_id()
    writer.add_groups([sample_group(first + at, 2, [True, False], each) for at, each in enumerate(others)])
    writer.close()
    page.goto(f"{served.address}/problems?ref={run.id}/problem/chain-1")
    expect(page.locator(".visits li")).to_have_count(1)
    expect(page.locator(".problem-line").first).to_have_attribute("aria-expanded", "true")
    expect(page.locator(".problem-row")).to_have_count(41)
    expect(page.locator(".problem-missing")).to_be_hidden()
    page.goto(f"{served.address}/problems?ref={run.id}/problem/chain-77")
    expect(page.locator(".problem-missing")).to_have_text("No problem chain-77 was sampled here.")


@pytest.mark.parametrize("path", ["/", "/groups", "/problems"])
def test_a_page_without_a_run_says_so_and_leads_on(page: Page, served: Served, path: str) -> None:
    write_sample_run(served.runs_dir, steps=1)
    page.goto(f"{served.address}{path}?ref=not-here")
    expect(page.locator(".trouble")).to_have_text("There is no run not-here here.")
    expect(page.locator(".empty")).to_contain_text("No run is shown")
    for tool in page.locator(".list-tools, .problem-tools, .progress").all():
        expect(tool).to_be_hidden()
    page.route("**/api/runs?seen=*", lambda route: route.fulfill(json={"schema": 1, "runs": []}))
    page.goto(f"{served.address}{path}")
    expect(page.locator(".empty h2")).to_have_text("No runs yet")
    expect(page.get_by_role("link", name="Start one here")).to_be_visible()


def test_who_is_in_an_open_problem_stays_there_when_it_is_sampled_again(served: Served, page: Page) -> None:
    run = write_sample_run(served.runs_dir, steps=4)
    page.goto(f"{served.address}/problems?ref={run.id}/problem/chain-1")
    visits = page.locator(".visits li")
    expect(visits).to_have_count(4)
    page.get_by_role("link", name="step 2").focus()
    with closing(run.writer()) as writer:
        writer.add_groups([sample_group(writer.next_group_id(), 5, [True, False])])
    expect(visits).to_have_count(5)
    expect(page.get_by_role("link", name="step 2")).to_be_focused()
