"""Everything that a model, a data set or a person may have written, hostile at once: nothing of it ever runs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Dialog, Page, expect

from grpo_core.runs import RunFolder
from grpo_core.runs.labels import Labels, write_labels
from grpo_core.store import MarksDb
from grpo_core.types import Completion, Group, Problem, StepCredit, Verdict
from tests.app.web.conftest import Served
from tests.samples import write_sample_live, write_sample_run

pytestmark = pytest.mark.browser

PAYLOAD = (
    "\"><img src=x onerror=alert(1)><svg onload=alert(2)><script>alert(3)</script>'`${alert(4)}{{7*7}}"
    "<iframe src=https://evil.example></iframe><a href='javascript:alert(5)' onclick=alert(6)>x</a>"
    "</math><style>*{background:url(https://evil.example)}</style>\u202e\x1b]0;pwned\x07"
)
LEFT_BEHIND = """() => {
    const panels = [...document.querySelectorAll('.own-panel')];
    const all = panels.flatMap((panel) => [...panel.querySelectorAll('*')]);
    const elements = all.filter((one) => !one.closest('.js-plotly-plot, .spark'));
    const handled = elements.filter((one) => one.getAttributeNames().some((name) => name.startsWith('on')));
    const alien = 'script, img, iframe, svg, style, object, embed, [href^="javascript"]';
    const made = elements.filter((one) => one.matches(alien));
    return [...handled, ...made].map((one) => one.outerHTML.slice(0, 200));
}"""


def hostile_group(number: int) -> Group:
    """Two completions, every text of which is a payload, with a verdict that points into it."""
    problem = Problem("hostile-1", PAYLOAD, PAYLOAD, (PAYLOAD, "1+1=2"), PAYLOAD, PAYLOAD)
    text = f"{PAYLOAD}\n1+1=2\n\\boxed{{{PAYLOAD}}}"
    step = StepCredit(0, PAYLOAD, (0, len(PAYLOAD)), 0, "matched", 0.5)
    verdict = Verdict(
        outcome="wrong",
        extracted=PAYLOAD,
        span=(len(text) - 1 - len(PAYLOAD), len(text) - 1),
        rule=PAYLOAD,
        check=PAYLOAD,
        reason=PAYLOAD,
        message=PAYLOAD,
        steps=(step,),
        answer_parsed=PAYLOAD,
        gold_parsed=PAYLOAD,
    )
    first = Completion(0, text, 10, "stop", verdict, {PAYLOAD: 0.0, "partial": 0.2}, 0.0, -1.0, None, -0.1, 0.2)
    other = replace(first, index=1, text=f"{text}\nmore {PAYLOAD}", reward=1.0, advantage=1.0)
    return Group(number, 9, "train", problem, (first, other))


@pytest.fixture
def run(served: Served) -> RunFolder:
    folder = write_sample_run(served.runs_dir, steps=2, name=PAYLOAD[:60])
    writer = folder.writer()
    writer.add_groups([hostile_group(90), hostile_group(91)])
    writer.add_metrics(2, {f"rewards/{PAYLOAD}/mean": 0.5, f"rewards/{PAYLOAD}2/mean": 0.5})
    writer.set_facts({"model": PAYLOAD, "trainer_class": PAYLOAD, "objective": PAYLOAD, "backend": PAYLOAD})
    writer.close()
    write_labels(folder.path, Labels(PAYLOAD[:60], (PAYLOAD[:30],)))
    with MarksDb(folder.path) as marks:
        marks.set(90, 0, "suspicious", PAYLOAD, PAYLOAD)
    write_sample_live(folder).close()
    return folder


def test_payloads_in_every_field_stay_text(served: Served, run: RunFolder, page: Page) -> None:
    dialogs: list[Dialog] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog), dialog.dismiss()))
    views = {
        f"/groups?ref={run.id}/group/90": ".completion-text",
        f"/groups?ref={run.id}/group/90/k/0": ".station",
        f"/groups?ref={run.id}/group/90&view=compare": ".compare-rows",
        f"/groups?ref={run.id}/group/90&view=advantages": ".forms",
        f"/groups?ref={run.id}/group/90&q=onerror": "mark.found",
        f"/groups?ref={run.id}/group/90&marked=any": ".list-rows .flag",
        f"/groups?ref={run.id}/problem/hostile-1": ".completion-text",
        f"/?ref={run.id}": ".recent .group-row",
        f"/problems?ref={run.id}/problem/hostile-1": ".visits li a",
        f"/runs?ref={run.id}&with={run.id},{run.id}": f'[data-run="{run.id}"] .run-tag',
        f"/playground?ref={run.id}&group={run.id}/group/90": ".ask",
    }
    for path, sign in views.items():
        page.goto(f"{served.address}{path}")
        expect(page.locator(sign).first).to_be_visible()
        assert page.evaluate(LEFT_BEHIND) == [], path
        assert "\u202e" not in page.locator("body").inner_text()
        assert "pwned" not in page.title()
    page.goto(f"{served.address}/groups?ref={run.id}/group/90/k/0")
    page.locator("[data-part=gold]").fill(PAYLOAD)
    page.locator("[data-part=judge]").click()
    expect(page.locator(".compared")).to_be_visible()
    assert page.evaluate(LEFT_BEHIND) == []
    assert dialogs == []
