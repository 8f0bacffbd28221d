"""Training a run to its end the way a person would, and evaluating what came of it: what every measurement shares."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from grpo_core.config import RunConfig
from grpo_core.runs import find_run, start_run, summarise
from grpo_core.runs.status import ENDED

ROOT = Path(__file__).parents[1]
PROBLEMS, SAMPLES = 512, 8
"""Held-out problems of a last evaluation, always the same ones, and samples of each."""
BLUE, ORANGE, GREY = "#2f6fde", "#d9822b", "#888888"
Results = dict[str, Any]


def circumstances() -> Results:
    """What a measurement was made on."""
    packages = ("torch", "transformers", "trl", "grpo-dash")
    return {
        "date": time.strftime("%Y-%m-%d"),
        "machine": {"system": platform.system(), "processor": platform.machine(), "cores": os.cpu_count()},
        "versions": {name: version(name) for name in packages},
    }


def measure_run(config: RunConfig, runs_dir: Path, samples: int = SAMPLES) -> Results:
    """Train one run to its end through the product's own path, and evaluate its last checkpoint at T = 1."""
    folder = start_run(runs_dir, config)
    start = time.monotonic()
    while (summary := summarise(folder)).status not in ENDED:
        time.sleep(1)
    seconds = time.monotonic() - start
    if summary.status != "finished":
        raise SystemExit(f"{folder.id} is {summary.status}: see {folder.log}")
    reader = find_run(runs_dir, folder.id).reader()
    curve = [evaluation.to_json() for evaluation in reader.evaluations_since()]
    metrics = reader.metrics_since()
    reader.close()
    capture = sum(value for _, value in metrics["capture/seconds"])
    return {
        "seconds": round(seconds, 1),
        "threads": config.threads,
        "capture_share_of_step": round(capture / sum(value for _, value in metrics["step_time"]), 5),
        "curve": curve,
        "last": evaluate(str(folder.checkpoints / f"checkpoint-{config.max_steps}"), 1.0, runs_dir, samples),
    }


def evaluate(subject: str, temperature: float, runs_dir: Path, samples: int = SAMPLES) -> Results:
    """EVAL of a model or checkpoint on the held-out problems."""
    command = [sys.executable, "-m", "grpo_core.engine", "evaluate", subject, "--json"]
    command += ["--n", str(PROBLEMS), "--k", str(samples), "--temperature", str(temperature)]
    command += ["--runs-dir", str(runs_dir)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    return json.loads(done.stdout)


def solved_by_problem(runs_dir: Path, run_id: str) -> str:
    """How many of its samples solved each problem of an evaluation, a digit each, in the problems' order."""
    reader = find_run(runs_dir, run_id).reader()
    groups = sorted(reader.groups(2 * PROBLEMS), key=lambda group: group.id)
    reader.close()
    sampled = [group for group in groups if group.decoding == "sampled"]
    return "".join(str(sum(completion.reward == 1.0 for completion in group.completions)) for group in sampled)


def plotting() -> Any:
    """Matplotlib that writes the same SVG for the same figures."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "grpo-dash"
    import matplotlib.pyplot as plt

    return plt
