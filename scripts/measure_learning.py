"""Measure what the demo learns: `make learning`.

Trains the presets `demo` and `demo-rank` with three seeds each through the product's own run path, evaluates the base
at several temperatures and every last checkpoint on 512 held-out problems × 8 samples, and writes
`docs/learning.json` (every figure) and `docs/learning.svg` (the curves). Finished parts are kept: it can be stopped
and started again. `--fresh` forgets them.
"""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from measured_run import (
    BLUE,
    GREY,
    ORANGE,
    PROBLEMS,
    ROOT,
    SAMPLES,
    Results,
    circumstances,
    evaluate,
    measure_run,
    plotting,
)

from grpo_core.config import load_preset

RESULTS = ROOT / "docs" / "learning.json"
PICTURE = ROOT / "docs" / "learning.svg"
PRESETS = ("demo", "demo-rank")
SEEDS = (1, 2, 3)
TEMPERATURES = (0.3, 0.5, 0.7, 1.0, 1.3)


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
    return {
        "command": "make learning",
        **circumstances(),
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
            results["base"][str(temperature)] = evaluate("embedded", temperature, runs_dir)
            _save(results)


def _measure_run(preset: str, seed: int, options: argparse.Namespace) -> tuple[str, Results]:
    name = f"{preset}/{seed}"
    print(f"training {name}", file=sys.stderr)
    part = measure_run(load_preset(preset, [f"seed={seed}"]), options.runs_dir)
    return name, {**part, "runs_at_a_time": options.jobs}


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
    figure, axes = plotting().subplots(1, 2, figsize=(9, 3.4), sharey=True)
    best = max(each["pass@1"] for each in results["base"].values())
    for axis, preset in zip(axes, PRESETS, strict=True):
        for number, seed in enumerate(SEEDS):
            curve = results["runs"][f"{preset}/{seed}"]["curve"]
            steps = [point["step"] for point in curve]
            labels = ("greedy", "sampled, T = 1") if number == 0 else (None, None)
            axis.plot(steps, [point["greedy"] for point in curve], color=BLUE, label=labels[0])
            axis.plot(steps, [point["pass@1"] for point in curve], color=ORANGE, label=labels[1])
        axis.axhline(best, color=GREY, linestyle="--", linewidth=1, label="base, best temperature")
        axis.set(title=preset, xlabel="step", ylim=(0, 1))
    axes[0].set_ylabel("held-out problems solved")
    axes[0].legend(loc="lower right", frameon=False, fontsize=8)
    figure.tight_layout()
    figure.savefig(PICTURE, metadata={"Date": None})


if __name__ == "__main__":
    sys.exit(main())
