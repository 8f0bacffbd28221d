"""Runs of a few real steps of the embedded model with the backend that is being tested."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from grpo_core.config import RunConfig
from grpo_core.runs import RunFolder, start_run, summarise
from grpo_core.runs.status import ENDED

BACKEND = os.environ.get("GRPO_DASH_BACKEND", "trl")
SMALL = {
    "backend": BACKEND,
    "num_generations": 4,
    "prompts_per_step": 4,
    "max_steps": 3,
    "warmup_steps": 0,
    "eval_steps": 0,
    "save_steps": 100,
    "threads": 1,
}
StartRun = Callable[..., RunFolder]
TrainRun = Callable[..., RunFolder]


@pytest.fixture
def start(tmp_path: Path) -> StartRun:
    """Start a small run with these settings, as a screen does."""
    return lambda **settings: start_run(tmp_path / "runs", RunConfig(**{**SMALL, **settings}))  # type: ignore[arg-type]


@pytest.fixture
def train(start: StartRun) -> TrainRun:
    """The same, to its end."""
    return lambda **settings: to_its_end(start(**settings))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """One run of three steps with evaluations, for all tests that only look at one."""
    settings = {**SMALL, "eval_steps": 3, "eval_problems": 4, "eval_generations": 2}
    return to_its_end(start_run(tmp_path_factory.mktemp("trained") / "runs", RunConfig(**settings)))  # type: ignore[arg-type]


def to_its_end(folder: RunFolder) -> RunFolder:
    wait_for(folder, lambda: summarise(folder).status in ENDED)
    assert summarise(folder).status == "finished", log_end(folder)
    return folder


def wait_for(folder: RunFolder, condition: Callable[[], object], seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        status = summarise(folder).status
        assert time.monotonic() < deadline, (status, log_end(folder))
        assert status not in ("failed", "killed"), (status, log_end(folder))
        time.sleep(0.05)


def log_end(folder: RunFolder) -> str:
    return folder.log.read_text(errors="replace")[-3000:]
