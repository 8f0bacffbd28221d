"""Unsloth beside plain TRL on one CUDA machine: memory, speed, the largest length that fits, and what capture costs.

`make bench-gpu` runs it; no network is needed. Every cell is a real run through the product's own path, of a Llama
shape with random weights, an adapter of rank 16, and one problem with eight completions of full length a step; its
figures are those that the run itself stored. What cannot run here is listed with the reason. `--dry` does all of it
with a tiny shape on whatever there is: it shows that the script works, and its figures mean nothing.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent))

from measured_run import circumstances
from random_llama import make_llama

from grpo_core.config import RunConfig, load_preset
from grpo_core.errors import GrpoDashError
from grpo_core.runs import RunFolder, start_run, summarise
from grpo_core.runs.autopsy import explain_ending
from grpo_core.runs.backends import backend_errors, usable_gpu
from grpo_core.runs.exactness import installed_packages
from grpo_core.runs.memory import estimate
from grpo_core.runs.status import ENDED

K = 8
LENGTHS = (512, 2048, 8192, 20_000)
SEARCH_LENGTHS = (32_000, 48_000, 64_000, 96_000, 128_000)
WARM_UP, STEPS = 1, 3
LEARNING_STEPS = 60
FIGURES = ("phase/sample", "phase/judge", "phase/update", "sampling/tokens_per_second", "step_time", "capture/seconds")
POLL_SECONDS = 0.5
BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to train: a backend, with vLLM or without."""

    backend: str
    use_vllm: bool = False

    @property
    def name(self) -> str:
        return f"{self.backend} + vLLM" if self.use_vllm else self.backend


@dataclass(frozen=True, slots=True)
class Cell:
    """What one run found. `said` is why there are no figures; `figures` are medians of the steps after the first."""

    model: str
    way: str
    tokens: int
    said: str = ""
    figures: dict[str, float] = field(default_factory=dict)
    estimated_gib: float | None = None


def main() -> int:
    options = parse()
    if not options.dry and not usable_gpu():
        raise SystemExit("There is no GPU that torch could use here. `--dry` does the same in small on the CPU.")
    scratch = options.scratch or Path(tempfile.mkdtemp(prefix="bench-gpu-"))
    ways = [Way("trl"), Way("unsloth"), Way("trl", use_vllm=True), Way("unsloth", use_vllm=True)]
    cells = list(measure_all(options, ways, scratch))
    learned = [learning(way, scratch, options) for way in ways[:2]]
    found = {"dry": options.dry, "cells": [asdict(cell) for cell in cells], "learning": learned}
    report = {**circumstances(), **machine(), **found}
    print(table(cells))
    print(json.dumps(learned, indent=1))
    if options.out:
        options.out.write_text(json.dumps(report, indent=1) + "\n")
    if options.page and not options.dry:
        write_page(options.page, table(cells))
    if not options.scratch:
        shutil.rmtree(scratch, ignore_errors=True)
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dry", action="store_true", help="a tiny shape and short lengths, on the CPU too")
    parser.add_argument("--models", nargs="+", default=["1B", "8B"], choices=["1B", "8B"], help="default: both")
    parser.add_argument("--lengths", nargs="+", type=int, default=list(LENGTHS), help="tokens of a completion")
    parser.add_argument("--no-search", action="store_true", help="do not look for the largest length that fits")
    parser.add_argument("--learn", help="a model's folder that has to learn the generated problems (default: embedded)")
    parser.add_argument(
        "--scratch", type=Path, help="a folder for models and runs, kept (default: one that is removed)"
    )
    parser.add_argument("--out", type=Path, help="the figures as JSON")
    parser.add_argument("--page", type=Path, help="a page whose table is written anew")
    options = parser.parse_args()
    if options.dry:
        options.models, options.lengths = ["dry"], [8]
    return options


def machine() -> dict[str, object]:
    """The GPU as its driver names it, and the packages that decide."""
    program = shutil.which("nvidia-smi")
    query = ["--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    gpu = subprocess.run([program, *query], capture_output=True, text=True).stdout.strip() if program else None
    return {"gpu": gpu, "python": platform.python_version(), "packages": installed_packages()}


def measure_all(options: argparse.Namespace, ways: Sequence[Way], scratch: Path) -> Iterator[Cell]:
    for model in options.models:
        folder = make_llama(model, scratch)
        for way in ways:
            lengths = [*options.lengths, *(() if options.no_search or options.dry else SEARCH_LENGTHS)]
            for tokens in lengths:
                cell = measure(way, model, folder, tokens, scratch, steps=1 if options.dry else STEPS)
                tell(cell)
                yield cell
                if cell.said:
                    break  # what does not fit or does not run at this length does not at a longer one


def measure(way: Way, model: str, folder: Path, tokens: int, scratch: Path, *, steps: int) -> Cell:
    config = RunConfig(
        name=f"{model}-{way.name}-{tokens}",
        model=str(folder),
        backend=way.backend,  # type: ignore[arg-type]
        use_vllm=way.use_vllm,
        vllm_enable_sleep_mode=way.use_vllm,
        vllm_gpu_memory_utilization=0.5,
        num_generations=K,
        prompts_per_step=1,
        per_device_train_batch_size=1,
        max_completion_length=tokens,
        max_steps=WARM_UP + steps if tokens <= max(LENGTHS) else 1,
        eval_steps=0,
        save_steps=1000,
        lora_r=16,
        lora_alpha=16,
    )
    expected = estimate(config)
    gib = round(expected.total / 1024**3, 2) if expected else None
    wrong = next((sentence for sentence in backend_errors(config).values() if sentence), None)
    if wrong:
        return Cell(model, way.name, tokens, f"not run: {wrong}", estimated_gib=gib)
    said, run = finish(config, scratch / "runs")
    return Cell(model, way.name, tokens, said, figures_of(run) if run and not said else {}, gib)


def finish(config: RunConfig, runs_dir: Path) -> tuple[str, RunFolder | None]:
    """Train to the end; why it did not come to it, if so."""
    try:
        folder = start_run(runs_dir, config)
    except GrpoDashError as error:
        return f"not run: {error}", None
    while (status := summarise(folder).status) not in ENDED:
        time.sleep(POLL_SECONDS)
    ending = explain_ending(folder, status)
    return (f"failed: {ending.cause}" if ending else ""), folder


def figures_of(folder: RunFolder) -> dict[str, float]:
    """Medians of the steps after the first, the peak of memory over all, and capture's share of a step."""
    reader = folder.reader()
    metrics = reader.metrics_since()
    reader.close()
    steady = {key: [value for step, value in metrics.get(key, ()) if step > WARM_UP] for key in FIGURES}
    found = {key: round(median(values), 4) for key, values in steady.items() if values}
    peak = max((value for _, value in metrics.get("memory/gpu_gib", metrics["memory/process_gib"])), default=0.0)
    spent, whole = sum(steady["capture/seconds"]), sum(steady["step_time"])
    return {**found, "peak_gib": round(peak, 2), **({"capture_share": round(spent / whole, 5)} if whole else {})}


def learning(way: Way, scratch: Path, options: argparse.Namespace) -> dict[str, object]:
    """Does the reward rise on the generated problems? Means over the first and the last tenth of the steps."""
    steps = 2 if options.dry else LEARNING_STEPS
    settings = [f"max_steps={steps}", "eval_steps=0", f"backend={way.backend}", f"model={options.learn or 'embedded'}"]
    config = load_preset("demo", [*settings, *(["prompts_per_step=2"] if options.dry else [])])
    wrong = next((sentence for sentence in backend_errors(config).values() if sentence), None)
    said, run = (f"not run: {wrong}", None) if wrong else finish(config, scratch / "runs")
    if said or run is None:
        return {"way": way.name, "model": config.model, "said": said}
    reader = run.reader()
    rewards = [value for _, value in reader.metrics_since()["reward"]]
    facts = reader.facts()
    reader.close()
    tenth = max(1, len(rewards) // 10)
    first, last = sum(rewards[:tenth]) / tenth, sum(rewards[-tenth:]) / tenth
    trainer = f"{facts.get('trainer_class')} on {facts.get('device')}"
    return {"way": way.name, "model": config.model, "trainer": trainer, "steps": steps, "first": first, "last": last}


def tell(cell: Cell) -> None:
    print(f"{cell.model} {cell.way} {cell.tokens}: {cell.said or cell.figures}", file=sys.stderr, flush=True)


def table(cells: Sequence[Cell]) -> str:
    columns = ("model", "trained by", "tokens", "peak GiB (estimated)", "tokens/s sampled", "s: sample, judge, update")
    rows = [f"| {' | '.join(columns)} | capture |", "|---|---|---|---|---|---|---|", *(_row(cell) for cell in cells)]
    return "\n".join(rows)


def _row(cell: Cell) -> str:
    if cell.said:
        return f"| {cell.model} | {cell.way} | {cell.tokens} | {cell.said} | | | |"
    figures = cell.figures
    phases = ", ".join(f"{figures[key]:.2f}" for key in FIGURES[:3] if key in figures)
    speed = figures.get("sampling/tokens_per_second")
    share = figures.get("capture_share")
    return (
        f"| {cell.model} | {cell.way} | {cell.tokens} | {figures['peak_gib']} ({cell.estimated_gib or '—'}) "
        f"| {'—' if speed is None else round(speed)} | {phases} | {'—' if share is None else f'{share:.2%}'} |"
    )


def write_page(page: Path, text: str) -> None:
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")


if __name__ == "__main__":
    sys.exit(main())
