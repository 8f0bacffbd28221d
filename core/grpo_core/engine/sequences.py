"""Log-probabilities of whole completions under the policy, the way the trainer's loss computes them."""

from __future__ import annotations

from typing import Any

import torch
from trl import GRPOTrainer


def sequence_logprobs(trainer: GRPOTrainer, output: dict[str, Any], rows: torch.Tensor | None = None) -> torch.Tensor:
    """(B,) nats: log π(y|x) at the trainer's temperature, summed over y's tokens, of a generation's completions (or of
    these rows)."""
    chosen = slice(None) if rows is None else rows
    prompt_ids, completion_ids = output["prompt_ids"][chosen], output["completion_ids"][chosen]
    prompt_mask, completion_mask = output["prompt_mask"][chosen], output["completion_mask"][chosen]
    with torch.no_grad():
        logprobs, *_ = trainer._get_per_token_logps_and_entropies(
            trainer.model,
            torch.cat([prompt_ids, completion_ids], dim=1),
            torch.cat([prompt_mask, completion_mask], dim=1),
            completion_ids.shape[1],
            batch_size=trainer.args.per_device_train_batch_size,
        )
    return (aligned(logprobs, prompt_mask, completion_ids.shape[1]) * completion_mask).sum(-1)


def aligned(values: torch.Tensor, prompt_mask: torch.Tensor, length: int) -> torch.Tensor:
    """(B, length): values of the completions' tokens, from TRL's own (B, length) or from Unsloth's wider window, in
    which each row has moved left by the padding of its prompt."""
    width = values.shape[1]
    if width == length:
        return values
    padding = prompt_mask.shape[1] - prompt_mask.sum(1)
    columns = (width - length - padding).unsqueeze(1) + torch.arange(length, device=values.device)
    return values.gather(1, columns)
