"""Finding one's way through a run in a real browser: filters, search, keys, marks; also after a reload."""

from __future__ import annotations

import re
from contextlib import closing

import pytest
from playwright.sync_api import Page, Route, expect

from grpo_core.runs import RunFolder
from tests.app.web.conftest import Served
from tests.samples import sample_group, write_sample_run

pytestmark = pytest.mark.browser


@pytest.fixture
def run(served: Served) -> RunFolder:
    return write_sample_run(served.runs_dir, steps=8)


def row_groups(page: Page) -> list[str | None]:
    return [row.get_attribute("data-group") for row in page.locator(".group-row").all()]


def test_a_filter_is_asked_of_the_whole_run_and_stays(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/groups?ref={run.id}/group/1")
    filters = page.locator('.list-search [data-part="filters"]')
    expect(filters).to_have_text("Filter")
    filters.click()
    page.locator('[data-field="signal"]').select_option("all_wrong")
    expect(page.locator(".group-row")).to_have_count(4)
    assert row_groups(page) == ["8", "6", "4", "2"]
    page.reload()
    expect(page.locator(".group-row")).to_have_count(4)
    expect(page.locator('[data-field="signal"]')).to_have_value("all_wrong")
    page.locator('[data-part="clear"]').click()
    expect(page.locator(".group-row")).to_have_count(16)
    assert page.url.endswith(f"ref={run.id}/group/1")


def test_a_source_and_its_level_are_one_filter(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/groups?ref={run.id}/group/1")
    page.locator('.list-search [data-part="filters"]').click()
    source = page.locator('[data-field="origin"]')
    source.select_option(label="generated, expansion")
    expect(page.locator(".group-row")).to_have_count(8)
    page.reload()
    expect(page.locator(".group-row")).to_have_count(8)
    expect(source.locator("option:checked")).to_have_text("generated, expansion")


def test_new_groups_that_fit_the_filter_appear_by_themselves(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/groups?ref={run.id}/group/1&signal=all_wrong")
    expect(page.locator(".group-row")).to_have_count(4)
    writer = run.writer()
    writer.add_groups([sample_group(17, 9, [False] * 4), sample_group(18, 9, [True, False])])
    writer.close()
    expect(page.locator(".group-row")).to_have_count(5)
    expect(page.locator(".group-row").first).to_have_attribute("data-group", "17")
    expect(page.locator(".detail h2")).to_have_text("Group 1")


def test_a_search_opens_the_first_of_what_it_found(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/groups?ref={run.id}/group/1")
    expect(page.locator(".detail h2")).to_have_text("Group 1")
    page.locator(".list-search input").fill("12+21-5")
    page.keyboard.press("Enter")
    first = page.locator(".group-row").first
    expect(first.locator("mark.found")).to_be_visible()
    expect(first).to_have_attribute("aria-current", "true")
    expect(page.locator(".detail h2")).to_have_text(f"Group {first.get_attribute('data-group')}")
    expect(page.locator(".verdict-head .badge")).to_be_visible()


def test_a_search_marks_what_it_found_and_n_walks_through_it(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/groups?ref={run.id}/group/1")
    expect(page.locator(".detail h2")).to_have_text("Group 1")
    page.keyboard.press("/")
    page.keyboard.type("12+21-5")
    page.keyboard.press("Enter")
    expect(page.locator("mark.found").first).to_have_text("12+21-5")
    page.locator(".list-search input").blur()
    for _ in range(2):
        page.keyboard.press("n")
    expect(page.locator('.group-row[aria-current="true"] mark.found')).to_be_visible()
    expect(page.locator(".verdict-head .badge")).to_contain_text("wrong")
    page.reload()
    expect(page.locator("mark.found").first).to_have_text("12+21-5")


def test_completions_can_be_put_in_order(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/groups?ref={run.id}/group/1&sort=lowest")
    expect(page.locator(".entry-snippet").first).to_be_visible()
    page.locator(".group-row").first.click()
    expect(page.locator(".verdict-head .reward")).to_contain_text("0.00")


def test_all_of_it_works_by_keyboard(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/groups?ref={run.id}")
    heading = page.locator(".detail h2")
    expect(heading).to_have_text("Group 16")
    for key, group in (
        ("j", 15),
        ("j", 14),
        ("k", 15),
        ("G", 1),
        ("g", 16),
        ("{", 15),
        ("}", 16),
        ("[", 14),
        ("]", 16),
    ):
        page.keyboard.press(key)
        expect(heading).to_have_text(f"Group {group}")
    page.keyboard.press("2")
    expect(page.locator(".verdict-head .k")).to_have_text("k2")
    page.keyboard.press("d")
    expect(page.locator(".compare-rows")).to_be_visible()
    page.keyboard.press("i")
    expect(page.locator(".forms tbody tr")).to_have_count(4)
    page.keyboard.press("Escape")
    expect(page.locator(".completion")).to_have_count(4)
    page.keyboard.press("?")
    expect(page.locator("dialog.keys")).to_contain_text("verifier wrong")
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    expect(page.locator(".follow input")).to_be_checked()


def test_a_key_leads_over_steps_without_groups(served: Served, page: Page) -> None:
    sparse = write_sample_run(served.runs_dir, steps=1)
    with closing(sparse.writer()) as writer:
        first = writer.next_group_id()
        writer.add_groups([sample_group(first + at, step, [True, False]) for at, step in enumerate((10, 20, 30))])
    page.goto(f"{served.address}/groups?ref={sparse.id}/step/10")
    heading = page.locator(".detail h2")
    expect(heading).to_have_text(f"Group {first}")
    for key, group in (("]", first + 1), ("]", first + 2), ("]", first + 2), ("[", first + 1), ("[", first)):
        page.keyboard.press(key)
        expect(heading).to_have_text(f"Group {group}")
    expect(page.locator(".scope")).to_contain_text("only step 10")


def test_a_step_is_gone_to_by_its_number(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/groups?ref={run.id}")
    expect(page.locator(".group-row")).to_have_count(16)
    page.locator(".go-to input").fill("3")
    page.keyboard.press("Enter")
    expect(page.locator(".scope")).to_contain_text("only step 3")
    expect(page.locator(".group-row")).to_have_count(2)


def test_a_list_takes_no_question_before_it_knows_its_run(served: Served, run: RunFolder, page: Page) -> None:
    held: list[Route] = []
    page.route("**/api/runs?seen=*", lambda route: held.append(route))
    with page.expect_request("**/api/runs?seen=*"):
        page.goto(f"{served.address}/groups?ref={run.id}")
    expect(page.locator('.list-search [data-part="filters"]')).to_have_text("Filter")
    deaf = page.locator("[inert]").filter(has=page.locator(".go-to input"))
    expect(deaf).to_have_count(1)
    held[0].continue_()
    expect(deaf).to_have_count(0)
    page.locator(".go-to input").fill("3")
    page.keyboard.press("Enter")
    expect(page.locator(".group-row")).to_have_count(2)


def test_a_key_marks_a_verdict_in_every_tab(served: Served, run: RunFolder, page: Page) -> None:
    other = page.context.new_page()
    other.goto(f"{served.address}/groups?ref={run.id}/group/1")
    page.goto(f"{served.address}/groups?ref={run.id}/group/1/k/0")
    expect(page.locator(".station").first).to_be_visible()
    page.keyboard.press("w")
    page.keyboard.type("52 is right")
    page.keyboard.press("Enter")
    expect(page.locator('.mark-button[aria-pressed="true"]')).to_contain_text("verifier wrong")
    expect(other.locator('[data-view="k0"] .flag')).to_have_attribute("title", re.compile("52 is right"))
    page.goto(f"{served.address}/groups?ref={run.id}/group/2&marked=any")
    expect(page.locator(".group-row")).to_contain_text(["52 is right"])
    page.locator(".group-row").click()
    expect(page.locator(".verdict-head .mark-note")).to_have_value("52 is right")
    page.keyboard.press("w")
    expect(page.locator('.mark-button[aria-pressed="true"]')).to_have_count(0)
    expect(other.locator('[data-view="k0"] .flag')).to_have_count(0)
    other.close()


def test_a_note_that_is_being_written_outlives_what_the_stream_brings(
    served: Served, run: RunFolder, page: Page
) -> None:
    held: list[Route] = []
    page.route("**/live/*", lambda route: held.append(route))
    page.goto(f"{served.address}/groups?ref={run.id}/group/1/k/0")
    expect(page.locator(".station").first).to_be_visible()
    page.keyboard.press("w")
    page.keyboard.type("52 is")
    note = page.locator(".mark-note")
    held[0].continue_()
    expect(page.locator(".touch")).to_have_attribute("data-state", "still")
    expect(note).to_be_focused()
    page.keyboard.type(" right")
    page.locator(".verdict-head .reward").click()
    expect(page.locator(".mark-said")).to_contain_text("marked")
    expect(note).to_have_value("52 is right")
    page.unroute("**/live/*")
    page.reload()
    expect(note).to_have_value("52 is right")


def test_what_is_followed_is_the_newest_that_is_listed(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/groups?ref={run.id}")
    expect(page.locator(".detail h2")).to_have_text("Group 16")
    page.locator('.list-search [data-part="filters"]').click()
    page.locator('[data-field="signal"]').select_option("all_correct")
    expect(page.locator(".detail h2")).to_have_text("Group 16")
    page.locator('[data-field="signal"]').select_option("all_wrong")
    expect(page.locator(".detail h2")).to_have_text("Group 8")
    expect(page.locator(".follow input")).to_be_checked()
    with closing(run.writer()) as writer:
        first = writer.next_group_id()
        rights = {first: [False, False], first + 1: [True, False]}
        writer.add_groups([sample_group(number, 9, right) for number, right in rights.items()])
    expect(page.locator(".detail h2")).to_have_text(f"Group {first}")
    page.locator('[data-part="clear"]').click()
    expect(page.locator(".detail h2")).to_have_text(f"Group {first + 1}")


@pytest.mark.parametrize("asked", ["", "&outcome=wrong"])
def test_a_list_that_is_read_stands_still_until_newer_ones_are_wanted(served: Served, page: Page, asked: str) -> None:
    run = write_sample_run(served.runs_dir, steps=60)
    page.goto(f"{served.address}/groups?ref={run.id}/group/1{asked}")
    rows, newer = page.locator(".list-rows"), page.locator(".list-newer")
    expect(page.locator(".group-row").nth(40)).to_be_attached()
    rows.evaluate("rows => { rows.scrollTop = 600; }")
    in_sight = "rows => [...rows.children].find(row => row.offsetTop >= rows.offsetTop + rows.scrollTop).textContent"
    seen = rows.evaluate(in_sight)
    with closing(run.writer()) as writer, writer.batch():
        first = writer.next_group_id()
        writer.add_groups([sample_group(first + at, 61 + at, [True, False]) for at in range(400)])
    expect(newer).to_be_visible()
    assert rows.evaluate(in_sight) == seen
    newer.click()
    expect(page.locator(".group-row").first).to_have_attribute("data-group", str(first + 399))
    assert rows.evaluate("rows => rows.scrollTop") == 0
    assert page.locator(".group-row").count() <= 300
