"""Both pages in a real browser over a real server: they follow the run, keep what a person did, and stay harmless."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from grpo_core.config import RunConfig
from grpo_core.runs import RunFolder
from grpo_core.runs.evaluations import create_evaluation, evaluation_ended
from grpo_core.store import Subject
from grpo_core.types import Group
from tests.app.web.conftest import Served, serving
from tests.samples import HOSTILE, sample_group, sample_verdict, write_sample_live, write_sample_run

pytestmark = pytest.mark.browser


@pytest.fixture
def run(served: Served) -> RunFolder:
    return write_sample_run(served.runs_dir, steps=8)


def add_group(run: RunFolder, rights: list[bool], **changed: object) -> Group:
    """What the trainer does when a group is scored."""
    writer = run.writer()
    group = replace(sample_group(writer.next_group_id(), 9, rights), **changed)  # type: ignore[arg-type]
    writer.add_groups([group])
    writer.close()
    return group


def wait_until(happened: Callable[[], bool], seconds: float = 60.0) -> None:
    """Looks again and again; nothing in the page tells of it."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def test_the_run_page_shows_the_run_and_its_curves(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/run/{run.id}")
    expect(page.locator(".progress h1")).to_have_text("sample")
    expect(page.locator(".progress")).to_contain_text("step 8 of 8")
    expect(page.locator('.tile[data-key="greedy"] .tile-value')).to_have_text("100 %")
    expect(page.locator('.tile[data-key="pass@1"]')).to_contain_text("80–100 %")
    expect(page.locator(".curve")).to_have_count(9)
    expect(page.locator('[data-chart="learning"] .js-plotly-plot')).to_be_visible()
    expect(page.locator(".recent .group-row")).to_have_count(8)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


SHIFTS = """window.shifted = 0;
new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => (window.shifted += value)))
  .observe({ type: "layout-shift", buffered: true });"""


MOST_SHIFTED = 0.1
"""What browsers' makers call good: https://web.dev/articles/cls."""


@pytest.mark.parametrize("width", [390, 1280])
def test_what_is_read_stays_where_it_is_while_a_run_page_fills(
    served: Served, run: RunFolder, page: Page, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.add_init_script(SHIFTS)
    page.goto(f"{served.address}/run/{run.id}")
    for there in ("details.alert", ".step-lost b", '[data-chart="learning"] .plot'):
        page.wait_for_selector(there, state="attached")
    assert page.evaluate("window.shifted") < MOST_SHIFTED


def test_a_metric_draws_on_and_a_zoom_stays(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/run/{run.id}")
    drag_over(page, page.locator('[data-chart="reward"] .plot'))
    before = zoomed_to(page)
    writer = run.writer()
    writer.add_metrics(9, {"reward": 0.25})
    writer.close()
    page.wait_for_function("document.querySelector('[data-chart=reward] .plot').data[0].y.at(-1) === 0.25")
    assert zoomed_to(page) == before


def drag_over(page: Page, plot: Locator) -> None:
    """Zoom to a third of a curve."""
    plot.locator(".nsewdrag").scroll_into_view_if_needed()
    box = plot.locator(".nsewdrag").bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.3, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, middle, steps=8)
    page.mouse.up()


def zoomed_to(page: Page) -> list[float]:
    """The steps that all curves were zoomed to."""
    expect(page.locator(".curve-tools .press")).to_contain_text("show all")
    zoomed = "plot => Number.isInteger(plot.layout.xaxis.range[0]) && plot.layout.xaxis.autorange === false"
    page.wait_for_function(f"({zoomed})(document.querySelector('[data-chart=reward] .plot'))")
    return page.evaluate("document.querySelector('[data-chart=reward] .plot').layout.xaxis.range")


def test_a_run_page_without_runs_says_what_to_do(served: Served, page: Page) -> None:
    page.route("**/api/runs?seen=*", lambda route: route.fulfill(json={"schema": 1, "runs": []}))
    page.goto(f"{served.address}/")
    expect(page.locator("#panel-progress .empty")).to_contain_text("grpo-dash train --preset demo")


def test_a_new_group_appears_and_is_followed(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/groups?ref={run.id}")
    expect(page.locator(".detail h2")).to_have_text("Group 16")
    group = add_group(run, [True, False])
    expect(page.locator(".detail h2")).to_have_text(f"Group {group.id}", timeout=3000)
    expect(page.locator(".group-row").first).to_have_attribute("data-group", str(group.id))
    expect(page.locator(".completion")).to_have_count(2)


def test_an_evaluation_on_demand_lists_its_held_out_groups(served: Served, page: Page) -> None:
    folder = create_evaluation(served.runs_dir, Subject("model", "embedded"), RunConfig())
    writer = folder.writer()
    writer.add_groups([sample_group(1, 0, [True, False], split="eval"), sample_group(2, 0, [True, True], split="eval")])
    writer.set_facts(evaluation_ended())
    writer.close()
    page.goto(f"{served.address}/run/{folder.id}/group/1")
    expect(page.locator(".group-row")).to_have_count(2)
    expect(page.locator('.group-row[aria-current="true"]')).to_have_attribute("data-group", "1")


def test_a_chosen_group_stays_and_the_address_names_it(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/groups?ref={run.id}")
    page.locator('.group-row[data-group="3"]').click()
    expect(page.locator(".detail h2")).to_have_text("Group 3")
    expect(page.locator(".follow input")).not_to_be_checked()
    group = add_group(run, [True, True])
    page.locator(".list-newer").click()
    expect(page.locator(f'.group-row[data-group="{group.id}"]')).to_be_visible()
    expect(page.locator(".detail h2")).to_have_text("Group 3")
    assert page.url.endswith(f"ref={run.id}/group/3")
    page.reload()
    expect(page.locator(".detail h2")).to_have_text("Group 3")


def test_a_deep_link_opens_the_verdict_on_the_completion(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/run/{run.id}/group/1/k/2")
    expect(page.locator('.view[aria-current="true"]')).to_have_attribute("data-view", "k2")
    expect(page.locator(".verdict-head .k")).to_have_text("k2")
    expect(page.locator(".verdict-head")).to_be_in_viewport()
    page.locator('[data-view="all"]').click()
    expect(page.locator(".completion")).to_have_count(4)
    assert page.url.endswith(f"ref={run.id}/group/1")


def test_a_step_lists_its_groups_only(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/run/{run.id}/step/4")
    expect(page.locator(".scope")).to_contain_text("only step 4")
    expect(page.locator(".group-row")).to_have_count(2)
    expect(page.locator(".detail h2")).to_have_text("Group 8")
    page.locator('.group-row[data-group="7"]').click()
    page.reload()
    expect(page.locator(".detail h2")).to_have_text("Group 7")
    expect(page.locator(".scope")).to_contain_text("only step 4")
    expect(page.locator(".group-row")).to_have_count(2)
    page.locator(".scope button").click()
    expect(page.locator(".group-row")).to_have_count(16)


def test_older_groups_are_paged_in(served: Served, page: Page) -> None:
    run = write_sample_run(served.runs_dir, steps=80)
    page.goto(f"{served.address}/groups?ref={run.id}/group/160")
    expect(page.locator('.group-row[data-group="160"]')).to_be_visible()
    for number in (90, 40, 1):
        row = page.locator(f'.group-row[data-group="{number}"]')
        page.locator(".list-end").scroll_into_view_if_needed()
        expect(row).to_be_attached()
    expect(page.locator(".list-end")).to_contain_text("where the run began")


def test_what_a_model_wrote_stays_text(served: Served, run: RunFolder, page: Page) -> None:
    write_sample_live(run).close()
    page.goto(f"{served.address}/groups?ref={run.id}/group/1")
    text = page.locator('.completion[data-k="1"] .completion-text')
    for part in ("<img src=x onerror=", "${6*7}", "{{7*7}}", "[bold]no[/bold]"):
        expect(text).to_contain_text(part)
    expect(page.locator(".completions img, .streams img")).to_have_count(0)
    expect(page.locator('.stream[data-k="1"] pre')).to_contain_text("${6*7}")
    for control in ("\x1b", "\u202e"):
        assert control in HOSTILE
        assert control not in page.locator("body").inner_text()
    assert "pwned" not in page.title()


def test_a_span_in_code_points_marks_the_answer_in_place(served: Served, run: RunFolder, page: Page) -> None:
    text = "𝟚+𝟛 🎲🎲\n\\boxed{52}"
    verdict = sample_verdict(True, text, "52")
    first = replace(sample_group(1, 9, [True]).completions[0], text=text, verdict=verdict)
    group = add_group(run, [True], completions=(first,))
    page.goto(f"{served.address}/groups?ref={run.id}/group/{group.id}")
    expect(page.locator(".completion mark")).to_have_text("52")
    expect(page.locator(".completion .step-text")).to_have_text("𝟚+𝟛 🎲🎲")


def test_step_credits_stand_beside_the_lines(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/groups?ref={run.id}/group/1")
    marks = page.locator('.completion[data-k="0"] .step-mark')
    expect(marks).to_have_text(["✓ 1 +0.33", "✓ 2 +0.33", "✓ 3 +0.33"])
    expect(page.locator(".reference li")).to_have_count(3)


def test_unknown_numbers_are_dashes(served: Served, run: RunFolder, page: Page) -> None:
    bare = replace(sample_group(1, 9, [True]).completions[0], mean_logprob=None, entropy=None, token_count=None)
    group = add_group(run, [True], completions=(bare,))
    page.goto(f"{served.address}/groups?ref={run.id}/group/{group.id}")
    facts = page.locator(".completion .facts")
    expect(facts).to_contain_text("tokens—")
    expect(facts).to_contain_text("logprob—")
    expect(facts).to_contain_text("entropy—")


def test_tokens_stream_in_and_verdicts_follow(served: Served, run: RunFolder, page: Page) -> None:
    writer = run.writer()
    feed = write_sample_live(run, step=9)
    page.goto(f"{served.address}/groups?ref={run.id}")
    stream = page.locator('.stream[data-k="0"]')
    expect(stream.locator("pre")).to_have_text("12+7=19")
    feed.add({0: "19*3=57"}, ended=[0])
    expect(stream.locator("pre")).to_contain_text("19*3=57")
    expect(stream).to_contain_text("ended")
    writer.add_groups([sample_group(writer.next_group_id(), 9, [True, False, True, False])])
    expect(stream).to_contain_text("correct · 1.00")
    expect(page.locator('.stream[data-k="1"]')).to_contain_text("wrong · 0.00")
    page.locator(".sampling select").select_option("1")
    expect(page.locator('.stream[data-k="1"] pre')).to_have_text("x*x-4*x")
    feed.close()
    writer.close()


def test_a_hidden_tab_holds_no_stream_and_catches_up(served: Served, run: RunFolder, page: Page) -> None:
    show = """hidden => {
        Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});
        document.dispatchEvent(new Event('visibilitychange'));
    }"""
    page.goto(f"{served.address}/groups?ref={run.id}")
    expect(page.locator(".detail h2")).to_have_text("Group 16")
    assert run.id in served.hub.followed
    page.evaluate(show, True)
    wait_until(lambda: run.id not in served.hub.followed)
    group = add_group(run, [True, False])
    page.evaluate(show, False)
    expect(page.locator(".detail h2")).to_have_text(f"Group {group.id}")


def test_the_token_opens_the_page_and_its_stream(tmp_path: Path, context: BrowserContext) -> None:
    with serving(tmp_path, token="sesame") as locked:
        run = write_sample_run(tmp_path, steps=1)
        page = context.new_page()
        page.goto(f"{locked.address}/run/{run.id}")
        expect(page.locator("form")).to_contain_text("paste its token")
        page.goto(f"{locked.address}/run/{run.id}?token=sesame")
        expect(page.locator(".progress h1")).to_have_text("sample")
        assert "sesame" not in page.url
        page.close()


def test_pages_fit_a_telephone(served: Served, run: RunFolder, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for path in ("/", "/groups"):
        page.goto(f"{served.address}{path}?ref={run.id}")
        expect(page.locator(".group-row").first).to_be_attached()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
