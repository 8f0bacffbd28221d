"""The study of objectives: `make study`.

Trains the embedded model with each objective and three seeds, equal in everything else, evaluates each last checkpoint
on the same 512 held-out problems × 4 samples, and writes one `docs/study/CELL.json` a cell as soon as it is there. A
cell that is there is not run again, so it can be stopped and started at will. Then it writes the tables of
`docs/study.md` and the curves in `docs/study.svg` from the cells there are.

    python scripts/study.py                        every missing cell, one at a time
    python scripts/study.py --cell rank-adaptive-2 --out DIR     this cell, again
    python scripts/study.py --draw                 only the table and the curves
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from measured_run import (
    BLUE,
    GREY,
    ORANGE,
    ROOT,
    Results,
    circumstances,
    evaluate,
    measure_run,
    plotting,
    solved_by_problem,
)

from grpo_core.config import RunConfig, load_preset
from grpo_core.statistics import paired_test

CELLS = ROOT / "docs" / "study"
DOCUMENT = ROOT / "docs" / "study.md"
PICTURE = ROOT / "docs" / "study.svg"
BASE = "base"
SEEDS = (1, 2, 3)
SAMPLES = 4
EQUAL = ("max_steps=60", "save_steps=60", "eval_steps=10", "eval_problems=128", "eval_generations=2")
# Losses that sum over tokens have larger gradients: for them clip only what is out of the common, as `demo-rank` does.
OBJECTIVES: dict[str, tuple[str, ...]] = {
    "grpo": ("objective=grpo",),
    "dr_grpo": ("objective=dr_grpo",),
    "rank-linear": ("objective=rank", "rank_weights=linear", "max_grad_norm=10.0"),
    "rank-adaptive": ("objective=rank", "rank_weights=adaptive", "max_grad_norm=10.0"),
    "dpo": ("objective=dpo", "max_grad_norm=10.0"),
    "rank-linear-plain": ("objective=rank", "rank_weights=linear", "rank_centred=false", "max_grad_norm=10.0"),
}


def main() -> int:
    options = _options()
    if not options.draw:
        for cell in [options.cell] if options.cell else missing_cells(options.out):
            _measure(cell, options)
    if options.out == CELLS:
        write_document()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cell", choices=all_cells(), help="measure this one, whether it is there or not")
    parser.add_argument("--draw", action="store_true", help="only write the table and the curves")
    parser.add_argument("--out", type=Path, default=CELLS, help="where cells are written")
    parser.add_argument("--runs-dir", type=Path, default=ROOT / ".work" / "study")
    return parser.parse_args()


def all_cells() -> list[str]:
    """The base, then seed after seed: so that what was stopped early has equally many seeds of each."""
    ordinary = [f"{name}-{seed}" for seed in SEEDS for name in OBJECTIVES if not name.endswith("plain")]
    return [BASE, *ordinary, *(f"rank-linear-plain-{seed}" for seed in SEEDS)]


def missing_cells(out: Path) -> Iterator[str]:
    """Asked anew after every cell, so that cells which came meanwhile are not run again."""
    for cell in all_cells():
        if not (out / f"{cell}.json").exists():
            yield cell


def config_of(cell: str) -> RunConfig:
    name, seed = cell.rsplit("-", 1)
    return load_preset("demo", [f"name={cell}", f"seed={seed}", *EQUAL, *OBJECTIVES[name]])


def _measure(cell: str, options: argparse.Namespace) -> None:
    print(f"measuring {cell}", file=sys.stderr, flush=True)
    if cell == BASE:
        found: Results = {"last": evaluate("embedded", 1.0, options.runs_dir, SAMPLES)}
    else:
        config = config_of(cell)
        found = {"config": config.model_dump(exclude_none=True), **measure_run(config, options.runs_dir, SAMPLES)}
    found["solved"] = solved_by_problem(options.runs_dir, found["last"]["run"])
    command = f"python scripts/study.py --cell {cell}"
    options.out.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"command": command, **circumstances(), **found}, indent=1, sort_keys=True)
    (options.out / f"{cell}.json").write_text(text + "\n")


def read_cells() -> dict[str, Results]:
    files = {cell: CELLS / f"{cell}.json" for cell in all_cells()}
    return {cell: json.loads(file.read_text()) for cell, file in files.items() if file.exists()}


def write_document() -> None:
    cells = read_cells()
    text = DOCUMENT.read_text()
    pattern = r"(<!-- study:begin -->\n).*?(<!-- study:end -->)"
    DOCUMENT.write_text(re.sub(pattern, lambda m: f"{m[1]}{table(cells)}\n{m[2]}", text, flags=re.DOTALL))
    _draw(cells)


def table(cells: dict[str, Results]) -> str:
    """In Markdown: a row an objective over its seeds, a row a cell, and which cells are missing."""
    lines = [
        "| objective | pass@1, mean (lowest–highest) | greedy | seeds | less grpo's (95 % interval) | by seed |",
        "|---|---|---|---|---|---|",
        *(_summary_row(cells, name) for name in OBJECTIVES if _of_objective(cells, name)),
        "",
        "| cell | pass@1 at T = 1 (95 % interval over problems) | greedy | pass@4 | seconds |",
        "|---|---|---|---|---|",
        *(_cell_row(name, cell) for name, cell in cells.items()),
    ]
    missing = [cell for cell in all_cells() if cell not in cells]
    return "\n".join([*lines, "", f"Not measured: {', '.join(missing)}." if missing else "Every cell was measured."])


def _of_objective(cells: dict[str, Results], name: str) -> list[Results]:
    return [cells[f"{name}-{seed}"] for seed in SEEDS if f"{name}-{seed}" in cells]


def _summary_row(cells: dict[str, Results], name: str) -> str:
    found = _of_objective(cells, name)
    rates, greedy = [each["last"]["pass@1"] for each in found], [each["last"]["greedy"] for each in found]
    mean = sum(rates) / len(rates)
    return (
        f"| {name} | {mean:.3f} ({min(rates):.3f}–{max(rates):.3f}) | {sum(greedy) / len(greedy):.3f} | {len(found)} "
        f"| {_against_grpo(cells, name)} |"
    )


def _against_grpo(cells: dict[str, Results], name: str) -> str:
    """Two columns: the difference of pass@1, paired by problem, each problem's rate averaged over the seeds that both
    have; and each seed's."""
    seeds = [seed for seed in SEEDS if {f"{name}-{seed}", f"grpo-{seed}"} <= cells.keys()]
    if name == "grpo" or not seeds:
        return "|"
    test = paired_test(list(zip(_rates(cells, "grpo", seeds), _rates(cells, name, seeds), strict=True)))
    low, high = test.ci95
    each = [cells[f"{name}-{seed}"]["last"]["pass@1"] - cells[f"grpo-{seed}"]["last"]["pass@1"] for seed in seeds]
    by_seed = ", ".join(f"{difference:+.3f}" for difference in each)
    return f"{test.difference:+.3f} ({low:+.3f} to {high:+.3f}) | {by_seed}"


def _rates(cells: dict[str, Results], name: str, seeds: list[int]) -> list[Fraction]:
    columns = zip(*(cells[f"{name}-{seed}"]["solved"] for seed in seeds), strict=True)
    return [Fraction(sum(map(int, column)), SAMPLES * len(seeds)) for column in columns]


def _cell_row(name: str, cell: Results) -> str:
    last, (low, high) = cell["last"], cell["last"]["ci95"]
    seconds = f"{cell['seconds']:.0f}" if "seconds" in cell else ""
    return (
        f"| {name} | {last['pass@1']:.3f} ({low:.3f}–{high:.3f}) | {last['greedy']:.3f} | {last['pass@k']:.3f} "
        f"| {seconds} |"
    )


def _draw(cells: dict[str, Results]) -> None:
    """pass@1 by step on 128 held-out problems with its 95 % interval, a line a seed, an axis an objective; grpo's mean
    behind each."""
    figure, axes = plotting().subplots(2, 3, figsize=(10, 6), sharex=True, sharey=True)
    reference = _mean_curve(_of_objective(cells, "grpo"))
    for axis, name in zip(axes.flat, OBJECTIVES, strict=True):
        for cell in _of_objective(cells, name):
            steps, rates = _points(cell)
            axis.plot(steps, rates, color=BLUE, linewidth=1.4)
            low, high = zip(*(point["ci95"] for point in cell["curve"]), strict=True)
            axis.fill_between(steps, low, high, color=BLUE, alpha=0.12, linewidth=0)
        if reference:
            axis.plot(*reference, color=ORANGE, linestyle="--", linewidth=1.2, label="grpo, mean of seeds")
        axis.set(title=name, ylim=(0, 1))
        axis.grid(color=GREY, alpha=0.2)
    axes[0, 0].legend(loc="lower right", frameon=False, fontsize=8)
    for axis in axes[1]:
        axis.set_xlabel("step")
    for axis in axes[:, 0]:
        axis.set_ylabel("held-out pass@1, T = 1")
    figure.tight_layout()
    figure.savefig(PICTURE, metadata={"Date": None})


def _points(cell: Results) -> tuple[list[int], list[float]]:
    return [point["step"] for point in cell["curve"]], [point["pass@1"] for point in cell["curve"]]


def _mean_curve(found: list[Results]) -> tuple[list[int], list[float]] | None:
    curves = [_points(cell) for cell in found]
    if not curves:
        return None
    return curves[0][0], [sum(rates) / len(rates) for rates in zip(*(each for _, each in curves), strict=True)]


if __name__ == "__main__":
    sys.exit(main())
