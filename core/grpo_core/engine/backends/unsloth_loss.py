"""The log-probabilities of single completions inside Unsloth's loss, which hands none of them on.

Its loss is an autograd function in the module that Unsloth writes: `UnslothEfficientGRPO.apply` gets the policy's
log-probabilities of a micro-batch and the mask of the tokens that count. A stand-in for it looks at both and passes
everything on. (Entropies are not computed there; asking for them would switch off its sharing of prompts.)
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from trl import GRPOTrainer

from grpo_core.engine.backends.unsloth import patched_class

OnLogprobs = Callable[[torch.Tensor, torch.Tensor], None]
LOSS = "UnslothEfficientGRPO"


class _Watched:
    """In the place of the autograd function: its `apply`, looked at."""

    def __init__(self, original: Any, on_logprobs: OnLogprobs) -> None:
        self._original = original
        self._on_logprobs = on_logprobs

    def apply(self, logprobs: torch.Tensor, *others: Any) -> Any:
        """`others` are old, reference's and vLLM's log-probabilities, the head, the tokens, the mask, …"""
        self._on_logprobs(logprobs.detach(), others[5])
        return self._original.apply(logprobs, *others)


@contextmanager
def watched_loss(trainer: GRPOTrainer, on_logprobs: OnLogprobs) -> Iterator[None]:
    """While it lasts, tells the log-probabilities (B, T) and the mask (B, T) of each micro-batch, in its own order.
    Nothing where TRL's loss is the one that runs."""
    found = patched_class(type(trainer))
    module = sys.modules.get(found.__module__) if found else None
    original = getattr(module, LOSS, None)
    if module is None or original is None:
        yield
        return
    setattr(module, LOSS, _Watched(original, on_logprobs))
    try:
        yield
    finally:
        setattr(module, LOSS, original)
