"""What the terminal app costs: how soon it opens, its memory, bytes on the wire, processor time, and key to paint.

Everything is taken from outside, through a pseudo-terminal that counts. The long run is `long_run.py`'s; the live one
is a demo that this script trains and stops again. "Own" figures are of the app's threads' processor time, which a busy
machine changes little.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from long_run import K, find_or_build

from grpo_core.config import load_preset
from grpo_core.runs import RunFolder, start_run
from grpo_core.runs.control import stop_now
from grpo_core.runs.status import ALIVE, ENDED, summarise

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.app.tui.terminal import Terminal  # which no wheel has

Report = dict[str, Any]
STARTS = 7
SLOW_SECONDS = "5"
QUIET_SECONDS = 0.15
"""Without a byte for so long, a key's paint is over."""
KEYS: dict[str, tuple[str, str]] = {
    "down": ("j", "k"),
    "page": ("\x04", "\x15"),
    "end": ("G", "g"),
    "group": ("{", "}"),
    "step": ("[", "]"),
    "completion": ("3", "5"),
}
"""Two keys each that undo one another."""
LIMITS = {
    "open_seconds": 1.0,
    "memory_mb": 150.0,
    "bytes_a_second": 8000.0,
    "slow_bytes_a_second": 1000.0,
    "cpu_percent": 5.0,
    "key_p95_ms": 80.0,
}


def main() -> None:
    arguments = parse()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a warm cache is what is measured
    report: Report = {"machine": f"{os.cpu_count()} cores, {platform.machine()}, load {os.getloadavg()[0]:.1f}"}
    with tempfile.TemporaryDirectory(prefix="bench-terminal-", dir=arguments.scratch) as scratch:
        long_run, _ = find_or_build(arguments.long or Path(scratch), arguments.completions, arguments.completions // K)
        report["open"] = told(measure_start(long_run))
        report["long_run"] = told(measure_long(long_run, arguments.rounds))
    with tempfile.TemporaryDirectory(prefix="bench-terminal-") as scratch, training(Path(scratch)) as folder:
        report["live"] = told(measure_live(folder, arguments.seconds))
    report["limits"] = LIMITS
    arguments.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def told(part: Report) -> Report:
    print(json.dumps(part, indent=1), flush=True)
    return part


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", type=Path, help="a runs folder in which bench_store.py --keep built the long run")
    parser.add_argument("--completions", type=int, default=1_000_000, help="of the long run, if it is built here")
    parser.add_argument("--scratch", type=Path, help="where it is built and removed again")
    parser.add_argument("--rounds", type=int, default=25, help="how often each key is pressed")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long each kind of traffic is counted")
    parser.add_argument("--out", type=Path, default=Path("docs/terminal_bench.json"))
    return parser.parse_args()


def measure_start(folder: RunFolder) -> Report:
    """From the start of the process to the first screen that has the run's name; by turns with a bare import."""
    opened, imported = [], []
    for _ in range(STARTS):
        imported.append(import_seconds())
        opened.append(open_seconds(folder))
    return {
        "seconds_p50": round(statistics.median(opened), 2),
        "seconds_best": round(min(opened), 2),
        "import_textual_p50": round(statistics.median(imported), 2),
        "import_textual_best": round(min(imported), 2),
    }


def import_seconds() -> float:
    started = time.monotonic()
    subprocess.run([sys.executable, "-c", "import textual.app"], check=True)
    return time.monotonic() - started


def open_seconds(folder: RunFolder) -> float:
    started = time.monotonic()
    with app(folder.path.parent, folder.id) as terminal:
        terminal.until(folder.id, "Quit")
        return time.monotonic() - started


def measure_long(folder: RunFolder, rounds: int) -> Report:
    with app(folder.path.parent, folder.id) as terminal:
        terminal.until(folder.id, "Groups")
        settle(terminal)
        overview = memory_mb(terminal)
        terminal.press("r")
        terminal.until("outcomes")
        settle(terminal)
        figures = {name: measure_keys(terminal, keys, rounds) for name, keys in KEYS.items()}
        painted = sorted(ms for figure in figures.values() for ms, _ in figure)
        own = sorted(ms for figure in figures.values() for _, ms in figure)
        return {
            "completions": summarise(folder).completions,
            "memory_mb": overview,
            "memory_mb_after_keys": memory_mb(terminal),
            "keys": len(painted),
            "key_p50_ms": round(quantile(painted, 0.5), 1),
            "key_p95_ms": round(quantile(painted, 0.95), 1),
            "key_own_p50_ms": round(quantile(own, 0.5), 1),
            "key_own_p95_ms": round(quantile(own, 0.95), 1),
            "by_key_p95_ms": {
                name: round(quantile(sorted(ms for ms, _ in figure), 0.95), 1) for name, figure in figures.items()
            },
        }


def measure_keys(terminal: Terminal, keys: tuple[str, str], rounds: int) -> list[tuple[float, float]]:
    """Milliseconds to the first paint of each key, and of the app's own processor time until all was painted."""
    found = []
    for round_ in range(rounds):
        own, pressed = own_ns(terminal), time.monotonic()
        terminal.press(keys[round_ % 2])
        while not terminal.read(1.0):
            if time.monotonic() - pressed > 5:
                break  # nothing to paint: it is there already
        painted = time.monotonic() - pressed
        settle(terminal)
        found.append((painted * 1000, (own_ns(terminal) - own) / 1e6))
    return found


def measure_live(folder: RunFolder, seconds: float) -> Report:
    """The demo as it trains, without the tokens that are sampled, at the usual pace and at a slow one."""
    report: Report = {}
    for name, options in {"default": (), "slow": ("--refresh", SLOW_SECONDS)}.items():
        with app(folder.path.parent, folder.id, *options) as terminal:
            terminal.until(folder.id, "Live")
            terminal.press("l")
            settle(terminal)
            report[f"{name}_overview"] = count_traffic(terminal, seconds)
            terminal.press("r")
            terminal.until("outcomes")
            settle(terminal)
            report[f"{name}_groups"] = count_traffic(terminal, seconds)
    return report


def count_traffic(terminal: Terminal, seconds: float) -> Report:
    own, started, sent = processor_seconds(terminal), time.monotonic(), 0
    while (passed := time.monotonic() - started) < seconds:
        sent += terminal.read(min(0.5, seconds - passed))
    return {
        "bytes_a_second": round(sent / seconds),
        "cpu_percent": round((processor_seconds(terminal) - own) / seconds * 100, 1),
    }


@contextmanager
def app(runs_dir: Path, reference: str, *options: str) -> Iterator[Terminal]:
    terminal = Terminal("--runs-dir", str(runs_dir), *options, reference)
    try:
        yield terminal
    finally:
        terminal.close()


@contextmanager
def training(runs_dir: Path) -> Iterator[RunFolder]:
    """A demo that trains, after its first steps."""
    folder = start_run(runs_dir, load_preset("demo", ["max_steps=2000"]))
    try:
        while (summary := summarise(folder)).step is None or summary.step < 2:
            if summary.status in ENDED:
                sys.exit(f"The demo ended early: {folder.log}")
            time.sleep(0.5)
        yield folder
    finally:
        stop_now(folder, "bench")
        while summarise(folder).status in ALIVE:
            time.sleep(0.2)


def settle(terminal: Terminal) -> None:
    """Until it sends no more for a moment (or for a second, where it goes on sending)."""
    until = time.monotonic() + 1.0
    while terminal.read(QUIET_SECONDS) and time.monotonic() < until:
        pass


def memory_mb(terminal: Terminal) -> float:
    """What is resident, in millions of bytes."""
    status = Path(f"/proc/{terminal.process.pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return round(int(line.split()[1]) * 1024 / 1e6, 1)


def processor_seconds(terminal: Terminal) -> float:
    """Of the app so far, threads that have ended included; to a hundredth of a second."""
    fields = Path(f"/proc/{terminal.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def own_ns(terminal: Terminal) -> int:
    """Processor time of the app's threads that there are, in nanoseconds."""
    total = 0
    for task in Path(f"/proc/{terminal.process.pid}/task").iterdir():
        total += int((task / "schedstat").read_text(encoding="ascii").split()[0])
    return total


def quantile(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(share * len(values)))]


if __name__ == "__main__":
    main()
