"""The playground with the real embedded model, and the form that starts a run, in a real browser."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from grpo_core.runs import RunFolder, find_run
from grpo_core.runs.control import stop_now
from grpo_core.runs.signal_check import SignalCheck
from tests.app.web.conftest import LIMIT_MILLISECONDS, Served
from tests.samples import HOSTILE, write_sample_run

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("light_curves")]
SUPERVISE = """
import sys
from pathlib import Path
from grpo_core.runs import RunFolder, supervisor
supervisor.ENGINE_MODULE = "tests.core.runs.stand_in_engine"
supervisor.LOOK_SECONDS = 0.02
sys.exit(supervisor.supervise(RunFolder(Path(sys.argv[1]))))
"""


def ask(page: Page) -> None:
    page.get_by_role("button", name="Ask", exact=True).click()


def test_the_embedded_model_answers_and_is_judged(served: Served, page: Page) -> None:
    run = write_sample_run(served.runs_dir, steps=1)
    page.goto(f"{served.address}/groups?ref={run.id}/group/1")
    page.get_by_text("ask a checkpoint this").click()
    expect(page.locator('[data-part="prompt"]')).to_have_value("(12+7)*3-5")
    expect(page.locator('[data-part="gold"]')).to_have_value("52")
    page.locator('[data-part="k"]').fill("2")
    ask(page)
    expect(page.locator(".side-status")).to_contain_text("took", timeout=4 * LIMIT_MILLISECONDS)
    expect(page.locator(".side .completion")).to_have_count(2)
    expect(page.locator(".side .completion .badge").first).not_to_contain_text("not judged")
    expect(page.locator(".side-figures")).to_contain_text("of 2 right")
    # What a person types is as hostile as what a model writes; without a gold nothing is judged.
    page.locator('[data-part="prompt"]').fill(HOSTILE)
    page.locator('[data-part="gold"]').fill("")
    ask(page)
    expect(page.locator(".side .prompt")).to_contain_text("<img src=x onerror=")
    answer = page.locator(".side .completion .badge").first
    expect(answer).to_contain_text("not judged", timeout=4 * LIMIT_MILLISECONDS)
    expect(page.locator(".asked-row")).to_have_count(2)
    page.reload()
    page.locator(".asked-row").first.click()
    expect(page.locator(".side .prompt")).to_contain_text("${6*7} {{7*7}}")
    expect(page.locator(".side .completion")).to_have_count(2)
    expect(page.locator(".side img, .asked img")).to_have_count(0)
    assert "pwned" not in page.title()


def test_a_question_that_is_sent_early_waits_for_who_can_be_asked(served: Served, page: Page) -> None:
    run = write_sample_run(served.runs_dir, steps=1)
    held: list[Route] = []
    page.route("**/api/playground/subjects", lambda route: held.append(route))
    page.goto(f"{served.address}/playground?ref={run.id}&group={run.id}/group/1")
    expect(page.locator('[data-part="prompt"]')).to_have_value("(12+7)*3-5")
    ask(page)
    expect(page.locator('[data-part="said"]')).to_contain_text("Sent as soon as it is known")
    with page.expect_request("**/api/playground/ask"):
        for route in held:
            route.continue_()
    expect(page.locator('[data-part="said"]')).to_be_hidden()


def test_a_changed_question_takes_no_gold_along(served: Served, page: Page) -> None:
    run = write_sample_run(served.runs_dir, steps=1)
    page.goto(f"{served.address}/playground?ref={run.id}&group={run.id}/group/1")
    prompt, gold = page.locator('[data-part="prompt"]'), page.locator('[data-part="gold"]')
    expect(gold).to_have_value("52")
    prompt.fill("(12+7)*3-6")
    expect(gold).to_have_value("")
    gold.fill("51")
    prompt.fill("(12+7) * 3 - 6")
    expect(gold).to_have_value("51")


def test_hostile_answers_stay_text_while_they_stream(served: Served, page: Page) -> None:
    body = '{"side":0,"event":"text","index":0,"added":"<img src=x onerror=alert(1)> ${6*7}\\u202e"}\n'
    page.route("**/api/playground/ask", lambda route: route.fulfill(body=body, content_type="application/x-ndjson"))
    page.goto(f"{served.address}/playground")
    expect(page.locator('[data-part="subject-0"] option').first).to_be_attached()
    page.locator('[data-part="prompt"]').fill("1+1")
    ask(page)
    text = page.locator(".side .completion-text")
    expect(text).to_contain_text("<img src=x onerror=alert(1)> ${6*7}\ufffd")
    expect(page.locator(".side img")).to_have_count(0)


def test_the_ways_out_where_a_training_holds_the_gpu(served: Served, page: Page) -> None:
    run = write_sample_run(served.runs_dir, steps=1)
    refusal = {"error": f"{run.id} is on the GPU.", "conflict": run.id}
    asked: list[str] = []

    def answer(route) -> None:  # type: ignore[no-untyped-def]
        asked.append(route.request.post_data)
        if len(asked) == 1:
            route.fulfill(json=refusal, status=409)
        else:
            route.fulfill(body='{"side":0,"event":"failed","message":"It was only a test."}\n')

    page.route("**/api/playground/ask", answer)
    page.goto(f"{served.address}/playground?ref={run.id}")
    expect(page.locator('[data-part="subject-0"]')).to_contain_text(f"{run.id} · base")
    page.locator('[data-part="prompt"]').fill("1+1")
    ask(page)
    expect(page.locator(".ask .said")).to_have_text(refusal["error"])
    expect(page.locator(".ways button")).to_have_text(
        ["Let the trainer answer", f"Suspend {run.id}", "Load it all the same"]
    )
    page.get_by_role("button", name="Let the trainer answer").click()
    expect(page.locator(".side-status")).to_have_text("It was only a test.")
    assert f'"trainer":"{run.id}"' in asked[1]


def test_an_error_stands_at_its_field(served: Served, page: Page) -> None:
    page.goto(f"{served.address}/new")
    field = page.locator('[data-setting="num_generations"]')
    field.locator("input").fill("1")
    expect(field.locator(".field-error")).to_contain_text("takes a number at least 2")
    expect(field.locator("input")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_disabled()
    field.locator("input").fill("8")
    expect(field.locator(".field-error")).to_be_empty()
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled()


def test_a_panel_takes_no_click_before_it_listens(served: Served, page: Page) -> None:
    held: list[Route] = []
    page.route("**/api/form", lambda route: held.append(route))
    with page.expect_request("**/api/form"):
        page.goto(f"{served.address}/new")
    deaf = page.locator("[inert]").filter(has=page.locator('.start [data-part="check"]'))
    expect(deaf).to_have_count(1)
    held[0].continue_()
    expect(deaf).to_have_count(0)


def test_a_signal_of_other_settings_says_so(served: Served, page: Page) -> None:
    found = SignalCheck(16, 8, 0.3, 0.9, 0.0, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 22.0, 1.0, 2.0, 3.0)
    line = json.dumps({"check": found.to_json()}) + "\n"
    page.route("**/api/form/signal", lambda route: route.fulfill(body=line, content_type="application/x-ndjson"))
    page.goto(f"{served.address}/new")
    stale = page.get_by_text("Found with other settings")
    page.get_by_role("button", name="Check the signal").click()
    expect(page.locator(".signal-fine")).to_be_visible()
    expect(stale).to_be_hidden()
    page.locator("#setting-name").fill("another name")
    page.locator("#setting-num_generations").fill("4")
    expect(stale).to_be_visible()
    page.locator("#setting-num_generations").fill("8")
    expect(stale).to_be_hidden()


@pytest.fixture
def stand_in(served: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Runs that are started get a trainer that takes no steps; all of them are ended."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    monkeypatch.setattr("grpo_core.runs.start.COMMAND", (sys.executable, "-c", SUPERVISE))
    yield
    for path in served.runs_dir.glob("from-the-form-*"):
        stop_now(RunFolder(path), "test")


@pytest.mark.usefixtures("stand_in")
def test_a_run_is_started_from_a_preset_and_from_toml(served: Served, page: Page) -> None:
    page.goto(f"{served.address}/new")
    page.get_by_label("Begin with").select_option("demo")
    expect(page.locator("#setting-name")).to_have_value("demo")
    page.get_by_text("The same as TOML").click()
    toml = page.locator('[data-part="toml"]')
    expect(toml).not_to_have_value("")
    toml.fill('name = "from the form"\nmax_steps = 9\n')
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#setting-max_steps")).to_have_value("9")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".progress h1")).to_have_text("from the form")
    expect(page.locator(".progress")).to_contain_text("running")
    run = page.url.split("ref=")[1]
    assert find_run(served.runs_dir, run).config().max_steps == 9


def test_an_empty_page_leads_to_a_new_run(served: Served, page: Page) -> None:
    page.route("**/api/runs?seen=*", lambda route: route.fulfill(json={"schema": 1, "runs": []}))
    page.goto(f"{served.address}/")
    page.get_by_role("link", name="Start one here").click()
    expect(page.locator(".folded > summary b").first).to_have_text("The run")


def test_the_new_pages_fit_a_telephone(served: Served, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for path, part in (("/playground", ".ask"), ("/new", ".group >> nth=0")):
        page.goto(f"{served.address}{path}")
        expect(page.locator(part)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
