"""A GPU that has no room left: when, how much was held, and the settings that take less, as one sentence."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from grpo_core.config import RunConfig
from grpo_core.errors import RunError
from grpo_core.runs.folder import RunFolder
from grpo_core.runs.footprint import gibibytes
from grpo_core.runs.memory import estimate, remedies
from grpo_core.store import LiveFeedReader

_log = logging.getLogger(__name__)
_DOING = {"sample": "while it sampled", "judge": "while it sampled", "update": "in an update"}
_OFFERED = 3
_ENOUGH_LESS = 0.9


@contextmanager
def out_of_memory_explained(folder: RunFolder) -> Iterator[None]:
    """Raises RunError with what to change in the place of torch's own error."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        _log.exception("out of memory")
        raise RunError(out_of_memory_sentence(folder)) from error


def out_of_memory_sentence(folder: RunFolder) -> str:
    """For a run's log, from where both screens take why it ended."""
    batch = LiveFeedReader(folder.path).poll()
    when = _DOING[batch.phase] if batch else "before its first step"
    held = ""
    if torch.cuda.is_available():
        total = torch.cuda.get_device_properties(0).total_memory
        held = f", having held {gibibytes(torch.cuda.max_memory_reserved())} of {gibibytes(total)}"
    return f"The GPU ran out of memory {when}{held}. Less is taken with {'; or '.join(_settings(folder.config()))}."


def _settings(config: RunConfig) -> list[str]:
    """The first few changes that take markedly less; for a model whose size is not known, the first few."""
    now = estimate(config, on_gpu=True)
    found = []
    for words, changed in remedies(config):
        then = estimate(changed, on_gpu=True)
        if now is None or then is None or then.total < _ENOUGH_LESS * now.total:
            found.append(words)
    return found[:_OFFERED] or ["a smaller model"]
