"""A planted fault is found from the page alone: what is said, and where it leads."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.app.web.conftest import Served
from tests.faults import write_faulty_run
from tests.samples import sample_group, write_sample_run

pytestmark = pytest.mark.browser


def test_a_wrong_gold_leads_to_the_answer_that_completions_agree_on(served: Served, page: Page) -> None:
    run = write_faulty_run(served.runs_dir, "wrong-gold")
    page.goto(f"{served.address}/run/{run.id}")
    alert = page.locator('[data-alert="agreement_against_gold"]')
    expect(alert).to_contain_text("its gold is “1000”")
    alert.locator(".sample").first.click()
    expect(page.locator(".gold b")).to_have_text("1000")
    expect(page.locator(".verdict-head .badge").first).to_contain_text("wrong")


def test_an_alert_lists_all_that_it_is_about(served: Served, page: Page) -> None:
    run = write_faulty_run(served.runs_dir, "timeouts")
    page.goto(f"{served.address}/run/{run.id}")
    page.locator('[data-alert="judge_gave_up"] .more-link').click()
    expect(page.locator('[data-field="outcome"]')).to_have_value("timeout")
    first = page.locator(".group-row").first
    expect(first).to_have_attribute("aria-current", "true")
    expect(first.locator(".square").filter(has_text="∞").first).to_be_visible()


def test_forgotten_problems_are_listed_with_the_step_at_which_they_turned(served: Served, page: Page) -> None:
    run = write_faulty_run(served.runs_dir, "forgotten")
    page.goto(f"{served.address}/run/{run.id}")
    page.locator('[data-alert="forgotten_problems"] .more-link').click()
    expect(page.locator(".problem-row")).to_have_count(6)
    expect(page.locator(".problem-course").first).to_contain_text("forgotten")
    expect(page.locator(".problem-course").first).to_contain_text("at step")


def test_equal_rewards_of_wrong_answers_are_not_called_correct(served: Served, page: Page) -> None:
    run = write_faulty_run(served.runs_dir, "gamed-format")
    page.goto(f"{served.address}/groups?ref={run.id}&signal=all_wrong")
    expect(page.locator(".detail-title .badge").first).to_contain_text("all wrong")
    assert float(page.locator(".row-mean").first.inner_text()) > 0.5


def test_equal_rewards_of_right_and_wrong_answers_are_called_alike(served: Served, page: Page) -> None:
    run = write_sample_run(served.runs_dir, steps=1)
    with closing(run.writer()) as writer:
        group = sample_group(writer.next_group_id(), 2, [True, False])
        equal = tuple(replace(completion, reward=1.0) for completion in group.completions)
        writer.add_groups([replace(group, completions=equal)])
    page.goto(f"{served.address}/groups?ref={run.id}/group/{group.id}")
    expect(page.locator(".detail-title .badge").first).to_contain_text("all alike")
    expect(page.locator('.group-row[aria-current="true"] .row-signal')).to_have_text("=")


def test_the_list_of_runs_tells_which_of_them_deserve_a_look(served: Served, page: Page) -> None:
    dead, healthy = (write_faulty_run(served.runs_dir, kind, steps=16) for kind in ("dead-groups", "healthy"))
    page.goto(f"{served.address}/runs")
    chip = page.locator(f'[data-run="{dead.id}"] .run-alerts')
    expect(chip).to_have_text("! 1")
    expect(chip).to_have_attribute("title", "Worth a look:\nMost groups are all wrong")
    expect(page.locator(f'[data-run="{healthy.id}"] .run-alerts')).to_have_count(0)
    chip.click()
    expect(page.locator('[data-alert="dead_groups"]')).to_be_visible()


def test_a_healthy_run_shows_no_alert(served: Served, page: Page) -> None:
    run = write_faulty_run(served.runs_dir, "healthy")
    page.goto(f"{served.address}/run/{run.id}")
    expect(page.locator('[data-chart="reward"] .js-plotly-plot')).to_be_visible()
    expect(page.locator(".alerts-none")).to_contain_text("Nothing deserves a look so far")
    expect(page.locator(".alert")).to_have_count(0)


def test_a_completion_that_is_not_there_leaves_no_empty_cards(served: Served, page: Page) -> None:
    run = write_sample_run(served.runs_dir, steps=2)
    page.goto(f"{served.address}/run/{run.id}/group/1/k/9")
    expect(page.locator(".verdict-head")).to_contain_text("no completion k9")
    expect(page.locator(".verdict-columns")).to_be_hidden()


def test_the_step_bar_fills_its_width_however_few_steps_there_are(served: Served, page: Page) -> None:
    run = write_sample_run(served.runs_dir, steps=4)
    page.goto(f"{served.address}/run/{run.id}")
    bar = page.locator(".step-bar")
    expect(page.locator(".steps-read")).to_contain_text("step")
    box = bar.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.97, box["y"] + box["height"] / 2)
    expect(page.locator(".steps-read")).to_contain_text("step 4")
