"""A temperature ladder: each completion of a group sampled at a temperature of its own, and weighted for it.

A completion yᵢ comes from qᵢ, the policy at temperature Tᵢ; the loss is about π, the policy at the run's `temperature`.
E_q[(π(y)/q(y)) A ∇ log π(y)] = E_π[A ∇ log π(y)]: so each advantage is multiplied by π(yᵢ)/qᵢ(yᵢ), over the whole
completion. Such a weight varies much, so it is cut (`objective.truncated_importance`), which biases it where it is.
Needs transformers' own sampling: vLLM's does not go through it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from transformers import LogitsProcessor, LogitsProcessorList
from trl import GRPOTrainer

from grpo_core.engine.sequences import sequence_logprobs
from grpo_core.objective import truncated_importance


class Ladder:
    """The rungs of one run: `temperatures` of a group's k completions, around the run's own."""

    def __init__(self, temperatures: Sequence[float], temperature: float) -> None:
        self._temperatures = torch.tensor(temperatures)
        self._temperature = temperature

    @contextmanager
    def sampling(self, trainer: GRPOTrainer, count: int) -> Iterator[None]:
        """While it lasts, the model's `generate` samples the `count` completions of this process on their rungs."""
        model = trainer.accelerator.unwrap_model(trainer.model_wrapped)
        own, before = model.__dict__.get("generate"), model.generate
        processor = _Rungs(self._temperature / self._of_rows(trainer, count))

        def generate(*args: Any, **kwargs: Any) -> Any:
            return before(*args, logits_processor=LogitsProcessorList([processor]), **kwargs)

        model.generate = generate
        try:
            yield
        finally:
            del model.generate
            if own is not None:
                model.generate = own

    def importance(self, trainer: GRPOTrainer, output: dict[str, Any]) -> torch.Tensor:
        """(B,): what each completion of this process is multiplied by."""
        rungs = self._of_rows(trainer, len(output["completion_ids"]))
        sampled = torch.zeros_like(output["advantages"])
        own = trainer.temperature
        try:
            for temperature in self._temperatures.unique().tolist():
                rows = (rungs == temperature).nonzero().flatten()
                trainer.temperature = temperature
                sampled[rows] = sequence_logprobs(trainer, output, rows).to(sampled)
        finally:
            trainer.temperature = own
        log_ratios = (sequence_logprobs(trainer, output) - sampled).tolist()
        return torch.tensor([truncated_importance(each) for each in log_ratios]).to(sampled)

    def _of_rows(self, trainer: GRPOTrainer, count: int) -> torch.Tensor:
        """(count,): the temperature of each completion of this process; a group may be spread over several."""
        first = trainer.accelerator.process_index * count
        return self._temperatures[(torch.arange(count) + first) % len(self._temperatures)]


class _Rungs(LogitsProcessor):
    """Multiplies each row's scores by the run's temperature over its own, before all else is done to them."""

    def __init__(self, factors: torch.Tensor) -> None:
        self._factors = factors.unsqueeze(1)

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
        return scores * self._factors.to(scores)
