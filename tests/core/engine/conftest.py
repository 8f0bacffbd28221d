"""Training a few real steps of the embedded model in this process, and reading back what was stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from grpo_core.config import RunConfig
from grpo_core.engine.train import train
from grpo_core.runs import RunFolder, create_run

SMALL = {"num_generations": 4, "prompts_per_step": 8, "max_steps": 2, "warmup_steps": 0, "threads": 1}
TrainRun = Callable[..., RunFolder]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """So small a model gains nothing from more, and loses much where tests run side by side."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def train_run(tmp_path: Path) -> TrainRun:
    """Train a small run with these settings to its end."""

    def run(**settings: object) -> RunFolder:
        folder = create_run(tmp_path / "runs", RunConfig(**{**SMALL, "eval_steps": 0, **settings}))  # type: ignore[arg-type]
        train(folder)
        return folder

    return run
