"""The run page's buttons, its ending, and what a resume takes back, in a real browser."""

from __future__ import annotations

import signal
import time
from contextlib import closing
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from grpo_core.runs import RunFolder
from grpo_core.runs.checkpoints import write_manifest
from grpo_core.runs.control import command_run
from grpo_core.runs.process import ExitRecord, write_record
from grpo_core.store import ControlDb
from tests.app.web.actors import acknowledge, end, enliven, pending, tell
from tests.app.web.conftest import Served
from tests.samples import HOSTILE, write_sample_run

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("light_curves")]


@pytest.fixture
def run(served: Served) -> RunFolder:
    return enliven(write_sample_run(served.runs_dir, steps=4))


def button(page: Page, key: str):  # type: ignore[no-untyped-def]
    return page.locator(f'[data-control="{key}"]')


def test_pausing_and_resuming(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/run/{run.id}")
    expect(button(page, "pause")).to_have_attribute("title", "Wait after this step; memory is kept.")
    button(page, "pause").click()
    expect(button(page, "pause")).to_have_text("Pause: asked …")
    expect(page.locator(".said")).to_contain_text("was told")
    button(page, "pause").click()
    assert acknowledge(run, paused=True) == ["pause"]
    expect(page.locator(".progress")).to_contain_text("paused")
    expect(button(page, "pause")).to_have_count(0)
    button(page, "resume").click()
    expect(button(page, "resume")).to_contain_text("asked …")
    expect(page.locator(".said")).to_contain_text("told to resume")
    assert acknowledge(run, paused=False) == ["resume"]
    expect(button(page, "pause")).to_have_text("Pause")


def test_what_somebody_else_asked_shows_here_also_after_a_reload(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/run/{run.id}")
    button(page, "checkpoint").click()
    expect(page.locator(".said")).to_contain_text("was told")
    expect(button(page, "checkpoint")).to_contain_text("asked …")
    page.reload()
    expect(button(page, "checkpoint")).to_contain_text("asked …")
    acknowledge(run)
    expect(button(page, "checkpoint")).to_have_text("Checkpoint")
    expect(page.locator(".asked")).to_be_hidden()
    page.locator(".controls .fold").click()
    expect(page.locator(".asked tbody tr")).to_contain_text(["checkpoint"])
    expect(page.locator(".asked tbody")).to_contain_text("did checkpoint")


def test_a_checkpoint_is_told_once_it_is_written(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/run/{run.id}")
    button(page, "checkpoint").click()
    expect(page.locator(".said")).to_contain_text("was told")
    (command,) = pending(run)
    with closing(ControlDb(run.path.parent)) as control:
        control.acknowledge(command.id, "saving")
        page.locator(".controls .fold").click()
        expect(page.locator(".asked tbody")).to_contain_text("saving")
        expect(button(page, "checkpoint")).to_contain_text("asked …")
        control.finish(command.id, "written at step 4")
    expect(page.locator(".said")).to_have_text("Checkpoint: written at step 4.")
    expect(button(page, "checkpoint")).to_have_text("Checkpoint")


def test_ending_a_run_asks_back_first(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/run/{run.id}")
    button(page, "stop discard").click()
    expect(page.locator(".confirm")).to_contain_text("remove its checkpoints")
    expect(page.get_by_role("button", name="No", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".confirm")).to_be_hidden()
    expect(button(page, "stop discard")).to_be_focused()
    assert pending(run) == []
    button(page, "stop").click()
    page.get_by_role("button", name="Yes, stop").click()
    expect(page.locator(".said")).to_contain_text("was told")
    expect(button(page, "stop")).to_contain_text("asked …")
    assert [(command.kind, command.arguments) for command in pending(run)] == [("stop", {})]


def test_a_trainer_that_does_not_stir_may_be_ended_at_once(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/run/{run.id}")
    expect(button(page, "stop")).to_be_visible()
    expect(button(page, "stop now")).to_have_count(0)
    run.heartbeat.write_text("1.0")
    expect(button(page, "stop now")).to_be_visible()


def test_the_list_of_runs_says_how_a_run_was_ended(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/run/{run.id}")
    chosen = page.locator(f'[data-part="runs"] option[value="{run.id}"]')
    expect(chosen).to_contain_text("running")
    tell(run, stop_reason="discarded")
    write_record(run.exit_file, ExitRecord(1, 0, None, time.time()))
    expect(chosen).to_contain_text("finished, discarded")


def test_a_stop_that_was_asked_long_ago_may_be_forced(
    served: Served, run: RunFolder, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.goto(f"{served.address}/run/{run.id}")
    expect(button(page, "stop")).to_be_visible()
    earlier = SimpleNamespace(time=lambda: time.time() - 30)
    monkeypatch.setattr("grpo_core.store.control.time", earlier)
    command_run(run, "stop", "terminal")
    monkeypatch.undo()
    button(page, "stop now").click()
    expect(page.locator(".confirm")).to_contain_text("what came after its last checkpoint is lost")


def test_a_refusal_is_shown(served: Served, run: RunFolder, page: Page) -> None:
    sentence = f"{run.id} is stopping: it cannot pause now."
    page.route("**/commands", lambda route: route.fulfill(json={"error": sentence}, status=409))
    page.goto(f"{served.address}/run/{run.id}")
    with page.expect_console_message(lambda message: "409" in message.text):
        button(page, "pause").click()
    expect(page.locator(".said")).to_have_text(sentence)
    expect(button(page, "pause")).to_have_text("Pause")


def test_a_bad_ending_is_told(served: Served, run: RunFolder, page: Page) -> None:
    page.goto(f"{served.address}/run/{run.id}")
    expect(button(page, "pause")).to_be_visible()
    end(run, signal=int(signal.SIGKILL))
    expect(page.locator(".cause")).to_contain_text("Something killed it")
    expect(page.locator(".exit")).to_have_text("signal 9")
    end(run, code=1)
    expect(page.locator(".cause")).to_contain_text("out of luck")
    expect(page.locator(".exit")).to_have_text("exit code 1")
    expect(page.locator(".log pre")).to_contain_text("<img src=x onerror=")
    expect(page.locator(".log img")).to_have_count(0)
    assert "\x1b" in HOSTILE
    assert "\x1b" not in page.locator(".log").inner_text()
    expect(button(page, "resume")).to_be_visible()
    expect(page.locator(".doubt")).to_be_hidden()


def test_a_resume_that_may_not_be_exact_says_so_first(served: Served, run: RunFolder, page: Page) -> None:
    checkpoint = run.checkpoints / "checkpoint-4"
    checkpoint.mkdir(parents=True)
    (checkpoint / "trainer_state.json").write_text("{}")
    write_manifest(checkpoint, 4, {"device": "cuda", "packages": {"torch": "1.0"}})
    end(run, code=1)
    page.goto(f"{served.address}/run/{run.id}")
    expect(button(page, "resume")).to_be_visible()
    expect(page.locator(".doubt")).to_contain_text("Resume: On a GPU a resumed run may not equal the uninterrupted one")
    expect(page.locator(".doubt")).to_contain_text("torch 1.0, here")


def test_a_resume_takes_back_what_came_after_its_checkpoint(served: Served, page: Page) -> None:
    run = write_sample_run(served.runs_dir, steps=8)
    page.goto(f"{served.address}/run/{run.id}")
    steps = "document.querySelector('[data-chart=reward] .plot')?.data?.[0].x.join()"
    page.wait_for_function(f"{steps} === '1,2,3,4,5,6,7,8'")
    take_back(run)
    page.wait_for_function(f"{steps} === '1,2,3,4,5,6'")
    expect(page.locator(".recent .group-row").first).to_have_attribute("data-group", "10")


def test_superseded_groups_say_so(served: Served, page: Page) -> None:
    run = write_sample_run(served.runs_dir, steps=8)
    page.goto(f"{served.address}/groups?ref={run.id}")
    expect(page.locator(".detail h2")).to_have_text("Group 16")
    take_back(run)
    expect(page.locator(".detail h2")).to_have_text("Group 10")
    expect(page.locator(".row-superseded")).to_have_count(6)
    page.locator('.group-row[data-group="16"]').click()
    expect(page.locator(".detail-head")).to_contain_text("superseded")
    expect(page.locator(".completions")).to_have_class("completions superseded")
    page.locator('.group-row[data-group="10"]').click()
    expect(page.locator(".detail h2")).to_have_text("Group 10")
    expect(page.locator(".detail-head")).not_to_contain_text("superseded")


def take_back(run: RunFolder) -> None:
    """A resume from the checkpoint of step 5, and its first step."""
    writer = run.writer()
    writer.supersede_after(5)
    writer.add_metrics(6, {"reward": 0.1})
    writer.close()
