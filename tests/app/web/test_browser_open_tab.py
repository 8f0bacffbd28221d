"""What a tab holds that stays open while a run goes on: the short form of `scripts/bench_page.py`'s hour."""

from __future__ import annotations

from contextlib import closing

import pytest
from playwright.sync_api import CDPSession, Page

from grpo_core.runs import RunFolder
from tests.app.web.conftest import Served
from tests.samples import write_sample_run, write_sample_step

pytestmark = pytest.mark.browser
LAST_STEP = 2000
STEPS, FILLED, UPDATES = 100, 7, 5
"""Steps that come at a time; how often until nothing should grow any more, and how often after that."""

ALLOWED = 1.3
"""What was drawn last may not have been collected yet."""


@pytest.mark.parametrize("path", ["/?ref=RUN", "/groups?ref=RUN", "/groups?ref=RUN/group/1", "/problems?ref=RUN"])
def test_a_tab_that_stays_open_keeps_what_it_holds(served: Served, page: Page, path: str) -> None:
    run = write_sample_run(served.runs_dir, steps=2)
    page.goto(f"{served.address}{path.replace('RUN', run.id)}")
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    for _ in range(FILLED):
        go_on(page, run, STEPS)
    before = held(session)
    for _ in range(UPDATES):
        go_on(page, run, STEPS)
    after = held(session)
    for name in ("Nodes", "JSEventListeners", "JSHeapUsedSize"):
        assert after[name] < ALLOWED * before[name], name


def go_on(page: Page, run: RunFolder, steps: int) -> None:
    """So many steps more, until the page knows of the last."""
    with closing(run.reader()) as reader:
        done = int(reader.facts()["step"])
    with closing(run.writer()) as writer, writer.batch():
        for step in range(done + 1, done + steps + 1):
            write_sample_step(writer, step, LAST_STEP)
    page.wait_for_function(f"document.querySelector('.picker')?.textContent.includes('step {done + steps}')")
    page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn, 600)))")


def held(session: CDPSession) -> dict[str, float]:
    session.send("HeapProfiler.collectGarbage")
    return {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
