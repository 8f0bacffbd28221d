"""Completions that vLLM has finished, one by one, while the others of the batch are still being sampled.

vLLM hands nothing over before the whole batch is done, and no token before its completion is. What can be seen is what
each step of its engine brings: the requests that have ended (`LLM.generate` asks for final outputs only).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from trl import GRPOTrainer

OnFinished = Callable[[int, list[int]], None]
_LEADING_NUMBER = re.compile(r"\d+")


def engine_of(trainer: GRPOTrainer) -> Any | None:
    """The `vllm.LLM` that samples in this process: TRL's, or the one that Unsloth put beside the model."""
    generation = getattr(trainer, "vllm_generation", None)
    for owner, name in ((generation, "llm"), (trainer, "llm"), (trainer.model, "vllm_engine")):
        if (found := getattr(owner, name, None)) is not None:
            return found
    return None


@contextmanager
def finished_completions(llm: Any, on_finished: OnFinished) -> Iterator[None]:
    """While it lasts, each completion of one `llm.generate` is told as it ends: its place in the batch, its tokens."""
    engine, first = llm.llm_engine, llm.request_counter.counter
    original = engine.step

    def step(*args: Any, **kwargs: Any) -> Any:
        outputs = original(*args, **kwargs)
        for output in outputs:
            number = _LEADING_NUMBER.match(str(output.request_id))
            if output.finished and number:
                on_finished(int(number[0]) - first, list(output.outputs[0].token_ids))
        return outputs

    engine.step = step
    try:
        yield
    finally:
        del engine.step
