"""From a run's settings to its backend."""

from __future__ import annotations

from grpo_core.config import RunConfig
from grpo_core.engine.backends.base import Backend
from grpo_core.engine.backends.trl import TrlBackend
from grpo_core.engine.backends.unsloth import UnslothBackend
from grpo_core.runs.backends import with_backend


def backend_of(config: RunConfig) -> Backend:
    return UnslothBackend() if with_backend(config).backend == "unsloth" else TrlBackend()
