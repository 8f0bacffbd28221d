"""What the page costs and how soon it shows: server and bytes by viewers, first curve, tabs, commit to screen, heap.

The server is a process of its own over a run that this script writes at a trainer's pace through the real writer: a
step a second of two groups of eight, whose tokens arrive five times a second. Viewers ask for what a tab asks for; the
browser is a real one. A busy machine makes every time longer: the report has the load.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
from bench_terminal import quantile, told
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from served_page import served_page

from grpo_core.config import RunConfig
from grpo_core.runs import RunFolder, create_run
from grpo_core.store import LiveFeedWriter, RunWriter
from grpo_core.types import Group

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from tests.app.web.actors import enliven  # noqa: E402 - the tests' runs, which no wheel has
from tests.app.web.conftest import CHROMIUM_ARGUMENTS, chromium_path  # noqa: E402
from tests.samples import CHAIN, EXPANSION, sample_group  # noqa: E402

Report = dict[str, Any]
PARTS = ("viewers", "first_curve", "tabs", "heap")
VIEWERS, TABS, OPENINGS = 10, 3, 5
STEPS_BEFORE = 400
"""Steps of a run when it is opened."""
LIST_SECONDS = 8.0
"""How often a tab asks for the list of runs."""
TICK_SECONDS = 0.2
COMPLETIONS = 8
LIMITS = {
    "cpu_percent_of_ten_viewers": 10.0,
    "bytes_a_second_of_an_idle_viewer": 2000.0,
    "first_curve_seconds": 3.0,
    "commit_to_screen_p95_ms": 500.0,
    "commit_to_screen_p95_ms_on_an_idle_machine": 250.0,
    "tabs": TABS,
}
SEEN = """() => {
  window.seenAt = {};
  const note = ({ dataset }) => (seenAt[dataset.group] ??= Date.now());
  const look = () => document.querySelectorAll('.group-row').forEach(note);
  new MutationObserver(look).observe(document.body, {childList: true, subtree: true});
}"""


def main() -> None:
    arguments = parse()
    report: Report = {}
    if arguments.only and arguments.out.is_file():
        report = json.loads(arguments.out.read_text(encoding="utf-8"))
    report |= {"machine": f"{os.cpu_count()} cores", "limits": LIMITS}
    measures: dict[str, Callable[[Path], Report]] = {
        "viewers": lambda runs_dir: measure_viewers(runs_dir, arguments.seconds),
        "first_curve": measure_first_curve,
        "tabs": lambda runs_dir: measure_tabs(runs_dir, arguments.commits),
        "heap": lambda runs_dir: measure_heap(runs_dir, arguments.minutes, arguments.pace),
    }
    for name in arguments.only or PARTS:
        with tempfile.TemporaryDirectory(prefix="bench-page-") as scratch:
            load = round(os.getloadavg()[0], 1)
            report[name] = told({"load_before": load, **measures[name](Path(scratch))})
        arguments.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0, help="how long each kind of viewers is counted")
    parser.add_argument("--commits", type=int, default=100, help="commits that are waited for on the screen")
    parser.add_argument("--minutes", type=int, default=10, help="how long the tabs whose heap is read stay open")
    parser.add_argument("--pace", type=float, default=0.25, help="seconds between the steps that those tabs see")
    parser.add_argument("--only", action="append", choices=PARTS, help="this part, put into the report that is there")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "page_bench.json")
    return parser.parse_args()


class Trainer:
    """Writes a run as a trainer does, in a thread of its own while `going`."""

    def __init__(self, runs_dir: Path, name: str) -> None:
        config = RunConfig(name=name, max_steps=100_000, num_generations=COMPLETIONS, prompts_per_step=2)
        self.folder = enliven(create_run(runs_dir, config), backend="trl", model="embedded", objective="grpo")
        self.step = 0
        self._dice = random.Random(5)

    def write(self, writer: RunWriter, steps: int = 1) -> int:
        """So many steps; returns the id of the newest group."""
        for _ in range(steps):
            self.step += 1
            number = writer.next_group_id()
            groups = [self._group(number, CHAIN), self._group(number + 1, EXPANSION)]
            writer.add_groups(groups)
            writer.add_metrics(self.step, metrics_of(self.step, groups, self._dice))
            writer.set_facts({"step": self.step, "phase": "update"})
        return number + 1

    def _group(self, number: int, problem: Any) -> Group:
        return sample_group(number, self.step, [self._dice.random() < 0.6 for _ in range(COMPLETIONS)], problem)

    @contextmanager
    def going(self, tokens: bool = True, pace: float = 1.0) -> Iterator[None]:
        """Meanwhile there is a step every `pace` seconds, and its tokens arrive tick by tick."""
        stop = threading.Event()
        thread = threading.Thread(target=self._go, args=(stop, tokens, pace))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _go(self, stop: threading.Event, tokens: bool, pace: float) -> None:
        ticks = max(1, round(pace / TICK_SECONDS))
        with closing(self.folder.writer()) as writer, closing(LiveFeedWriter(self.folder.path)) as feed:
            while not stop.is_set():
                if tokens:
                    feed.begin(self.step + 1, "train", [CHAIN], COMPLETIONS)
                for _ in range(ticks):
                    feed.add(dict.fromkeys(range(COMPLETIONS), "12+7=19\n"))
                    stop.wait(pace / ticks)
                self.write(writer)


def metrics_of(step: int, groups: list[Group], dice: random.Random) -> dict[str, float]:
    """As many as TRL logs of which the page draws something."""
    rewards = [completion.reward or 0.0 for group in groups for completion in group.completions]
    steady = {"reward": statistics.mean(rewards), "reward_std": statistics.pstdev(rewards), "num_tokens": 900.0 * step}
    spread = ("kl", "entropy", "grad_norm", "loss", "learning_rate", "step_time", "frac_reward_zero_std")
    lengths = ("mean_length", "max_length", "min_length", "clipped_ratio", "mean_terminated_length")
    clips = ("low_mean", "low_min", "high_mean", "high_max", "region_mean")
    names = [*spread, *(f"completions/{name}" for name in lengths), *(f"clip_ratio/{name}" for name in clips)]
    return steady | {name: dice.random() for name in names}


def opened(runs_dir: Path, name: str = "bench") -> Trainer:
    """A run that has done its first steps."""
    trainer = Trainer(runs_dir, name)
    with closing(trainer.folder.writer()) as writer, writer.batch():
        trainer.write(writer, STEPS_BEFORE)
    return trainer


def measure_viewers(runs_dir: Path, seconds: float) -> Report:
    """The server's share of one core, and bytes a second that each viewer gets, list of runs and headers included."""
    live, idle = opened(runs_dir, "live"), opened(runs_dir, "idle")
    with served_page(runs_dir) as (address, server):
        report = {"nobody": watch(address, live.folder, 0, seconds, server)}
        report["ten_idle"] = watch(address, idle.folder, VIEWERS, seconds, server)
        with live.going(tokens=False):
            report["ten_of_steps"] = watch(address, live.folder, VIEWERS, seconds, server)
        with live.going():
            report["one_of_tokens_and_steps"] = watch(address, live.folder, 1, seconds, server)
            report["ten_of_tokens_and_steps"] = watch(address, live.folder, VIEWERS, seconds, server)
    return report


def watch(address: str, folder: RunFolder, viewers: int, seconds: float, server: psutil.Process) -> Report:
    return asyncio.run(_watch(address, folder, viewers, seconds, server))


async def _watch(address: str, folder: RunFolder, viewers: int, seconds: float, server: psutil.Process) -> Report:
    async with httpx.AsyncClient(base_url=address, timeout=None, limits=httpx.Limits(max_connections=None)) as client:
        received = [0]
        tasks = [asyncio.create_task(_view(client, folder.id, received)) for _ in range(viewers)]
        await asyncio.sleep(5)  # the first picture is another matter
        began, at_first, before = time.monotonic(), received[0], sum(server.cpu_times()[:2])
        await asyncio.sleep(seconds)
        passed, taken = time.monotonic() - began, sum(server.cpu_times()[:2]) - before
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    each = (received[0] - at_first) / passed / viewers if viewers else 0.0
    return {"cpu_percent": round(100 * taken / passed, 1), "bytes_a_second_each": round(each)}


async def _view(client: httpx.AsyncClient, run: str, received: list[int]) -> None:
    """One tab's stream, and what it asks besides."""

    async def ask() -> None:
        seen = ""
        while True:
            answer = await client.get("/api/runs", params={"seen": seen})
            seen = answer.json()["mark"]
            received[0] += len(answer.content) + sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
            await asyncio.sleep(LIST_SECONDS)

    asking = asyncio.create_task(ask())
    try:
        async with client.stream("GET", f"/live/{run}") as answer:
            async for part in answer.aiter_raw():
                received[0] += len(part)
    finally:
        asking.cancel()


def measure_first_curve(runs_dir: Path) -> Report:
    """Seconds from asking for the Run view to its first curve, each time in a browser that has nothing of it."""
    folder = opened(runs_dir).folder
    with served_page(runs_dir) as (address, _), chromium() as browser:
        seconds = [first_curve(browser, f"{address}/?ref={folder.id}") for _ in range(OPENINGS)]
    return {"seconds_p50": round(statistics.median(seconds), 2), "seconds": [round(each, 2) for each in seconds]}


def first_curve(browser: Browser, address: str) -> float:
    context = desk(browser)
    page, began = context.new_page(), time.monotonic()
    page.goto(address, wait_until="commit")
    page.wait_for_selector(".scatterlayer .trace", state="attached")
    passed = time.monotonic() - began
    context.close()
    return passed


def measure_tabs(runs_dir: Path, commits: int) -> Report:
    """How many of three tabs of one browser (Run, Groups, Groups) show a commit, and, in one that is looked at alone,
    milliseconds from each commit to its group's row."""
    trainer = opened(runs_dir)
    with served_page(runs_dir) as (address, _), chromium() as browser, closing(trainer.folder.writer()) as writer:
        context = desk(browser)
        tabs = [open_tab(context, f"{address}/{path}?ref={trainer.folder.id}") for path in ("", "groups", "groups")]
        group = trainer.write(writer)
        live = [bool(tab.wait_for_function(f"window.seenAt[{group}]")) for tab in tabs]
        for tab in tabs[:-1]:
            tab.close()
        late = sorted(milliseconds_to_screen(tabs[-1], trainer, writer) for _ in range(commits))
    return {
        "live_tabs": sum(live),
        "commits": commits,
        "commit_to_screen_p50_ms": round(quantile(late, 0.5)),
        "commit_to_screen_p95_ms": round(quantile(late, 0.95)),
    }


def milliseconds_to_screen(tab: Page, trainer: Trainer, writer: RunWriter) -> float:
    tab.wait_for_timeout(1000 * random.random())
    group, committed = trainer.write(writer), time.time() * 1000
    tab.wait_for_function(f"window.seenAt[{group}]")
    return float(tab.evaluate(f"window.seenAt[{group}]")) - committed


def open_tab(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector(".group-row")
    page.evaluate(SEEN)
    return page


def measure_heap(runs_dir: Path, minutes: int, pace: float) -> Report:
    """What two open tabs hold, read each minute after the garbage is collected; `[megabytes, nodes, listeners]`."""
    trainer = opened(runs_dir)
    with served_page(runs_dir) as (address, _), chromium() as browser, trainer.going(pace=pace):
        context = desk(browser)
        paths = {"run": f"{address}/?ref={trainer.folder.id}", "groups": f"{address}/groups?ref={trainer.folder.id}"}
        tabs = {name: open_tab(context, path) for name, path in paths.items()}
        held: dict[str, list[list[float]]] = {name: [] for name in tabs}
        for minute in range(minutes + 1):
            for name, tab in tabs.items():
                held[name].append(heap_of(context, tab))
                print(minute, name, held[name][-1], flush=True)
            tabs["run"].wait_for_timeout(60_000 if minute < minutes else 0)
    return {"minutes": minutes, "steps": trainer.step - STEPS_BEFORE, **held}


def heap_of(context: BrowserContext, page: Page) -> list[float]:
    session = context.new_cdp_session(page)
    session.send("Performance.enable")
    session.send("HeapProfiler.collectGarbage")
    found = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    return [round(found["JSHeapUsedSize"] / 1e6, 1), found["Nodes"], found["JSEventListeners"]]


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(playwright), args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


def desk(browser: Browser) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(120_000)
    return context


if __name__ == "__main__":
    main()
