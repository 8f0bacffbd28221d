"""The run page's curves, step bar and alerts in a real browser: one cursor, one zoom, everything explained."""

from __future__ import annotations

from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from grpo_core.runs import RunFolder
from tests.app.web.conftest import Served
from tests.samples import sample_group, write_sample_run

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def run(served: Served) -> RunFolder:
    return write_sample_run(served.runs_dir, steps=20)


@pytest.fixture
def opened(served: Served, run: RunFolder, page: Page) -> Page:
    page.goto(f"{served.address}/?ref={run.id}")
    page.wait_for_selector('[data-chart="reward"] .js-plotly-plot')
    return page


def test_one_cursor_reads_all_curves_and_the_step_bar(opened: Page) -> None:
    opened.locator('[data-chart="reward"] .plot').focus()
    opened.keyboard.press("Home")
    expect(opened.locator(".curve-step")).to_have_text("step 1")
    expect(opened.locator('[data-chart="reward"] .legend')).to_contain_text("reward 0.05")
    expect(opened.locator('[data-chart="learning"] .legend')).to_contain_text("greedy 20 %")
    expect(opened.locator(".steps-read")).to_contain_text("step 1:")
    opened.keyboard.press("ArrowRight")
    expect(opened.locator(".curve-step")).to_have_text("step 2")
    assert "step 2: reward 0.1" in (opened.locator('[data-chart="reward"] .plot').get_attribute("aria-valuetext") or "")


def test_enter_on_a_curve_opens_the_groups_of_the_step(opened: Page, run: RunFolder) -> None:
    opened.locator('[data-chart="reward"] .plot').focus()
    opened.keyboard.press("Home")
    opened.keyboard.press("Enter")
    opened.wait_for_url(f"**/groups?ref={run.id}/step/1*")


def test_a_click_on_the_step_bar_opens_its_groups(opened: Page, run: RunFolder) -> None:
    opened.locator(".step-bar").click(position={"x": 3, "y": 20})
    opened.wait_for_url(f"**/groups?ref={run.id}/step/1*")


def test_every_number_is_explained_with_its_key_and_a_way_to_its_completions(opened: Page, run: RunFolder) -> None:
    opened.locator('[data-key="reward"] .icon-button').click()
    said = opened.locator(".popover:popover-open")
    expect(said).to_contain_text("1/N Σᵢ")
    expect(said).to_contain_text("over all completions of the step")
    expect(said.locator("a")).to_have_attribute("href", f"{opened.url.split('?')[0]}groups?ref={run.id}/step/20")
    opened.keyboard.press("Escape")
    expect(said).to_have_count(0)


def test_how_curves_are_looked_at_is_in_the_address(served: Served, run: RunFolder, opened: Page) -> None:
    opened.get_by_label("log axis").check()
    opened.get_by_label("smooth").fill("0.9")
    assert "smooth=0.9" in opened.url
    opened.reload()
    expect(opened.get_by_label("log axis")).to_be_checked()
    expect(opened.locator(".curve-tools output")).to_have_text("0.90")
    opened.wait_for_function("document.querySelector('[data-chart=reward] .plot')?.layout?.yaxis.type === 'log'")


def test_zoomed_steps_are_shared_by_all_curves_and_in_the_address(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/?ref={run.id}&steps=5-9")
    for chart in ("reward", "learning"):
        page.wait_for_function(
            f"String(document.querySelector('[data-chart={chart}] .plot')?.layout?.xaxis.range) === '5,9'"
        )
    page.locator(".curve-tools .press").click()
    page.wait_for_function("document.querySelector('[data-chart=reward] .plot').layout.xaxis.autorange === true")
    assert "steps=" not in page.url


def test_a_curve_is_saved_as_a_picture(opened: Page, run: RunFolder) -> None:
    opened.locator('[data-chart="reward"] .icon-button').nth(1).click()
    with opened.expect_download() as saving:
        opened.locator(".popover:popover-open").get_by_role("button", name="SVG").click()
    assert saving.value.suggested_filename == f"{run.id}-reward.svg"
    assert "<svg" in saving.value.path().read_text()


def test_an_alert_comes_with_completions_to_read(served: Served, page: Page) -> None:
    folder = write_sample_run(served.runs_dir, steps=2)
    page.goto(f"{served.address}/?ref={folder.id}")
    page.wait_for_selector(".curve .js-plotly-plot")
    expect(page.locator(".alert")).to_have_count(0)
    writer = folder.writer()
    first = writer.next_group_id()
    writer.add_groups([sample_group(first + number, 3, [False] * 4) for number in range(40)])
    writer.close()
    page.wait_for_selector(".alert")
    alert = page.locator('.alert[data-alert="dead_groups"]')
    expect(alert).to_contain_text("Most groups are all wrong")
    alert.locator("summary").click()
    expect(alert).to_contain_text("their advantages are 0")
    expect(alert.locator(".sample").first).to_have_attribute(
        "href", f"{served.address}/groups?ref={folder.id}/group/{first + 39}"
    )


COUNT_DRAWINGS = """() => {
  const { react } = Plotly;
  window.drawn = [];
  Plotly.react = (plot, ...rest) => {
    drawn.push(plot.closest("[data-chart]").dataset.chart);
    return react(plot, ...rest);
  };
}"""


def test_only_curves_with_something_new_are_drawn_anew(served: Served, page: Page) -> None:
    folder = write_sample_run(served.runs_dir, steps=4)
    page.set_viewport_size({"width": 1280, "height": 2400})
    page.goto(f"{served.address}/?ref={folder.id}")
    page.wait_for_selector(".curve .js-plotly-plot")
    page.wait_for_function("!document.querySelector('.curve .plot:not(.js-plotly-plot)')")
    page.evaluate(COUNT_DRAWINGS)
    with closing(folder.writer()) as writer:
        writer.add_metrics(5, {"reward": 0.5})
    page.wait_for_function("window.drawn.includes('reward')")
    assert set(page.evaluate("window.drawn")) == {"reward"}


def test_a_long_run_shows_its_steps_where_it_is_zoomed(served: Served, page: Page) -> None:
    folder = write_sample_run(served.runs_dir, steps=2)
    writer = folder.writer()
    with writer.batch():
        for step in range(3, 3001):
            writer.add_metrics(step, {"reward": float(step % 2)})
    writer.close()
    points = "document.querySelector('[data-chart=reward] .plot')?.data?.[0].x"
    page.goto(f"{served.address}/?ref={folder.id}")
    page.wait_for_function(f"({points})?.length > 100")
    assert page.evaluate(f"({points}).length") < 1000
    page.goto(f"{served.address}/?ref={folder.id}&steps=1000-1100")
    page.wait_for_function(f"({points})?.filter((step) => step >= 1000 && step <= 1100).length === 101")


def test_a_long_curve_is_drawn_in_few_points_with_its_spikes_and_its_newest(served: Served, page: Page) -> None:
    folder = write_sample_run(served.runs_dir, steps=2)
    page.goto(f"{served.address}/?ref={folder.id}&smooth=0")
    page.wait_for_selector('[data-chart="reward"] .js-plotly-plot')
    with closing(folder.writer()) as writer, writer.batch():
        first = writer.next_group_id()
        for step in range(3, 1501):
            writer.add_groups([sample_group(first + step, step, [step % 2 == 0, False])])
            writer.add_metrics(step, {"reward": 9.0 if step == 777 else step / 1500})
    drawn = "document.querySelector('[data-chart={}] .plot').data[0]"
    reward, signals = drawn.format("reward"), drawn.format("signals")
    page.wait_for_function(f"{reward}.x.at(-1) === 1500 && {signals}.x.at(-1) === 1500")
    assert page.evaluate(f"{reward}.x.length") <= 602
    assert page.evaluate(f"{reward}.y[{reward}.x.indexOf(777)]") == 9.0
    assert page.evaluate(f"{signals}.x.length") <= 301
    assert page.evaluate(f"{signals}.y.slice(-9)") == pytest.approx([0.5] * 9, abs=0.1)
