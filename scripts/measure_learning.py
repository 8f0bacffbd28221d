"""Measure what the demo learns: `make learning`.

Trains the presets `demo` and `demo-rank` with three seeds each through the product's own run path, evaluates the base
at several temperatures and every last checkpoint on 512 held-out problems × 8 samples, and writes
`docs/learning.json` (every figure) and `docs/learning.svg` (the curves). Finished parts are kept: it can be stopped
and started again. `--fresh` forgets them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

from grpo_core.config import load_preset
from grpo_core.runs import find_run, start_run, summarise
from grpo_core.runs.status import ENDED

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "docs" / "learning.json"
PICTURE = ROOT / "docs" / "learning.svg"
PRESETS = ("demo", "demo-rank")
SEEDS = (1, 2, 3)
TEMPERATURES = (0.3, 0.5, 0.7, 1.0, 1.3)
PROBLEMS, SAMPLES = 512, 8
Results = dict[str, Any]


def main() -> int:
    options = _options()
    results = _load(options.fresh)
    _measure_base(results, options.runs_dir)
    parts = [(preset, seed) for preset in PRESETS for seed in SEEDS if f"{preset}/{seed}" not in results["runs"]]
    with ThreadPoolExecutor(options.jobs) as pool:
        for name, part in pool.map(lambda each: _measure_run(*each, options), parts):
            results["runs"][name] = part
            _save(results)
    _draw(results)
    print(describe(results))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fresh", action="store_true", help="measure everything again")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time")
    parser.add_argument("--runs-dir", type=Path, default=ROOT / ".work" / "learning")
    return parser.parse_args()


def _load(fresh: bool) -> Results:
    if RESULTS.exists() and not fresh:
        return json.loads(RESULTS.read_text())
    packages = ("torch", "transformers", "trl", "grpo-dash")
    return {
        "command": "make learning",
        "date": time.strftime("%Y-%m-%d"),
        "machine": {"system": platform.system(), "processor": platform.machine(), "cores": os.cpu_count()},
        "versions": {name: version(name) for name in packages},
        "problems": PROBLEMS,
        "samples": SAMPLES,
        "base": {},
        "runs": {},
    }


def _save(results: Results) -> None:
    RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")


def _measure_base(results: Results, runs_dir: Path) -> None:
    for temperature in TEMPERATURES:
        if str(temperature) not in results["base"]:
            print(f"base at temperature {temperature}", file=sys.stderr)
            results["base"][str(temperature)] = _evaluate("embedded", temperature, runs_dir)
            _save(results)


def _measure_run(preset: str, seed: int, options: argparse.Namespace) -> tuple[str, Results]:
    """Train one run to its end and evaluate its last checkpoint."""
    name = f"{preset}/{seed}"
    print(f"training {name}", file=sys.stderr)
    config = load_preset(preset, [f"seed={seed}"])
    folder = start_run(options.runs_dir, config)
    start = time.monotonic()
    while (summary := summarise(folder)).status not in ENDED:
        time.sleep(1)
    seconds = time.monotonic() - start
    if summary.status != "finished":
        raise SystemExit(f"{folder.id} is {summary.status}: see {folder.log}")
    reader = find_run(options.runs_dir, folder.id).reader()
    curve = [evaluation.to_json() for evaluation in reader.evaluations_since()]
    metrics = reader.metrics_since()
    reader.close()
    capture = sum(value for _, value in metrics["capture/seconds"])
    share = capture / sum(value for _, value in metrics["step_time"])
    last = _evaluate(str(folder.checkpoints / f"checkpoint-{config.max_steps}"), 1.0, options.runs_dir)
    return name, {
        "seconds": round(seconds, 1),
        "threads": config.threads,
        "runs_at_a_time": options.jobs,
        "capture_share_of_step": round(share, 5),
        "curve": curve,
        "last": last,
    }


def _evaluate(subject: str, temperature: float, runs_dir: Path) -> Results:
    command = [sys.executable, "-m", "grpo_core.engine", "evaluate", subject, "--json"]
    command += ["--n", str(PROBLEMS), "--k", str(SAMPLES), "--temperature", str(temperature)]
    command += ["--runs-dir", str(runs_dir)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    return json.loads(done.stdout)


def describe(results: Results) -> str:
    """The table of the README, in Markdown."""
    best = max(results["base"].items(), key=lambda item: item[1]["pass@1"])
    greedy = results["base"]["1.0"]["greedy"]
    lines = [
        "| policy | greedy | pass@1 at T = 1 (95 % interval) | pass@8 |",
        "|---|---|---|---|",
        f"| base | {greedy:.3f} | {results['base']['1.0']['pass@1']:.3f} | {results['base']['1.0']['pass@k']:.3f} |",
        f"| base at its best temperature ({best[0]}) | | {best[1]['pass@1']:.3f} | {best[1]['pass@k']:.3f} |",
    ]
    for name, run in sorted(results["runs"].items()):
        last, (low, high) = run["last"], run["last"]["ci95"]
        lines.append(
            f"| {name.replace('/', ', seed ')} | {last['greedy']:.3f} | {last['pass@1']:.3f} ({low:.3f}–{high:.3f}) "
            f"| {last['pass@k']:.3f} |"
        )
    return "\n".join(lines)


def _draw(results: Results) -> None:
    """Greedy and sampled held-out accuracy by step, a line a seed, beside the base at its best temperature."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "grpo-dash"
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True)
    best = max(each["pass@1"] for each in results["base"].values())
    for axis, preset in zip(axes, PRESETS, strict=True):
        for number, seed in enumerate(SEEDS):
            curve = results["runs"][f"{preset}/{seed}"]["curve"]
            steps = [point["step"] for point in curve]
            labels = ("greedy", "sampled, T = 1") if number == 0 else (None, None)
            axis.plot(steps, [point["greedy"] for point in curve], color="#2f6fde", label=labels[0])
            axis.plot(steps, [point["pass@1"] for point in curve], color="#d9822b", label=labels[1])
        axis.axhline(best, color="#888888", linestyle="--", linewidth=1, label="base, best temperature")
        axis.set(title=preset, xlabel="step", ylim=(0, 1))
    axes[0].set_ylabel("held-out problems solved")
    axes[0].legend(loc="lower right", frameon=False, fontsize=8)
    figure.tight_layout()
    figure.savefig(PICTURE, metadata={"Date": None})


if __name__ == "__main__":
    sys.exit(main())
