"""Take the README's pictures of the real screens: `make pictures`.

Trains the demo (or takes the newest run of `--runs-dir`), serves it, photographs the page in Chromium and the terminal
app through Textual's own screenshot.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from served_page import served_page

from grpo_app.tui.app import GrpoTui
from grpo_core.config import load_preset
from grpo_core.runs import RunFolder, list_run_folders, start_run, summarise
from grpo_core.runs.status import ENDED
from grpo_core.store import RunReader

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
SIZE = {"width": 1280, "height": 860}


def main() -> int:
    options = _options()
    folder = _a_run(options.runs_dir, options.steps)
    group, formula = _telling_group(folder, "chain"), _telling_group(folder, "expansion")
    PICTURES.mkdir(parents=True, exist_ok=True)
    terminal = asyncio.run(_terminal_picture(options.runs_dir, f"{folder.id}/group/{group}"))
    with sync_playwright() as playwright, served_page(options.runs_dir) as (address, _):
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        _photograph(browser, f"{address}/?ref={folder.id}", PICTURES / "run.png")
        _photograph(browser, f"{address}/groups?ref={folder.id}/group/{group}", PICTURES / "groups.png")
        wrong = f"{folder.id}/group/{formula}/k/{_wrong_completion(folder, formula)}"
        _photograph(browser, f"{address}/groups?ref={wrong}", PICTURES / "verdict.png", height=1620)
        _photograph(browser, terminal.as_uri(), PICTURES / "tui.png", selector="svg")
        browser.close()
    terminal.unlink()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs-dir", type=Path, default=ROOT / ".work" / "pictures")
    parser.add_argument("--steps", type=int, default=200, help="steps of the run, where one has to be trained")
    return parser.parse_args()


def _a_run(runs_dir: Path, steps: int) -> RunFolder:
    """The newest run of the folder, or a demo trained to its end."""
    folders = list_run_folders(runs_dir)
    folder = folders[0] if folders else start_run(runs_dir, load_preset("demo", [f"max_steps={steps}"]))
    while summarise(folder).status not in ENDED:
        time.sleep(1)
    return folder


def _telling_group(folder: RunFolder, level: str) -> int:
    """An early mixed training group: there is something to see in it."""
    reader: RunReader = folder.reader()
    rows = [row for step in range(3, 20) for row in reader.group_rows_of_step(step) if row.split == "train"]
    reader.close()
    return next(row.id for row in rows if row.signal == "mixed" and row.problem.level == level)


def _wrong_completion(folder: RunFolder, group: int) -> int:
    """The first wrong one with a step that is right: partial credit shows in it."""
    reader: RunReader = folder.reader()
    found = reader.group(group)
    reader.close()
    completions = found.completions if found else ()
    wrong = [each for each in completions if each.verdict and each.verdict.outcome == "wrong"]
    return max(wrong, key=lambda each: each.verdict.partial if each.verdict else 0.0).index


def _photograph(
    browser: Browser, address: str, path: Path, selector: str | None = None, height: int = SIZE["height"]
) -> None:
    page = browser.new_page(viewport={**SIZE, "height": height}, device_scale_factor=1.25)
    page.goto(address)
    page.wait_for_timeout(4000)  # fonts, curves and the stream's first picture
    (page.locator(selector) if selector else page).screenshot(path=path)
    page.close()


async def _terminal_picture(runs_dir: Path, reference: str) -> Path:
    app = GrpoTui(runs_dir, reference)
    path = PICTURES / "terminal.svg"
    async with app.run_test(size=(120, 34)) as pilot:
        for _ in range(20):
            await pilot.pause(0.1)
        path.write_text(app.export_screenshot(title="grpo-tui"))
    return path


if __name__ == "__main__":
    sys.exit(main())
