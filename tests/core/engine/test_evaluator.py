"""When a run evaluates itself, also after a resume."""

from __future__ import annotations

import pytest
from transformers import TrainerControl, TrainerState, TrainingArguments

from grpo_core.engine.callbacks import Evaluator


@pytest.mark.parametrize(
    ("begins_at", "done", "evaluated"),
    [
        (0, (), [0, 2, 4, 5]),
        (2, (0,), [2, 4, 5]),  # It was killed while it evaluated.
        (2, (0, 2), [4, 5]),
        (3, (0, 2), [4, 5]),  # Suspended between two evaluations: the uninterrupted run has none here.
    ],
)
def test_a_resumed_run_evaluates_where_the_uninterrupted_one_would(
    begins_at: int, done: tuple[int, ...], evaluated: list[int]
) -> None:
    seen: list[int] = []
    evaluator, control = Evaluator(2, seen.append, done), TrainerControl()
    arguments = TrainingArguments(use_cpu=True, report_to=[])
    state = TrainerState(global_step=begins_at, max_steps=5)
    evaluator.on_train_begin(arguments, state, control)
    for state.global_step in range(begins_at + 1, 6):
        evaluator.on_step_end(arguments, state, control)
    evaluator.on_train_end(arguments, state, control)
    assert seen == evaluated
