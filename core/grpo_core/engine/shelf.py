"""The policies that the playground keeps loaded: the last few that were asked."""

from __future__ import annotations

import gc
from collections import OrderedDict
from collections.abc import Callable

import torch

from grpo_core.config import model_folder
from grpo_core.engine.adapters import load_subject
from grpo_core.engine.policy import Policy

SHELF_SIZE = 2
_Key = tuple[str, int]


class Shelf:
    """The `size` policies that were asked last. Use from one thread."""

    def __init__(self, size: int = SHELF_SIZE) -> None:
        self._size = size
        self._policies: OrderedDict[_Key, Policy] = OrderedDict()

    def policy(self, path: str, on_loading: Callable[[], None]) -> Policy:
        """The policy at `path`, loaded if it is not there (`on_loading` is called before) or was written anew since.

        Raises ConfigError with what is wrong with it.
        """
        key = (path, _written_at(path))
        if key not in self._policies:
            on_loading()
            self._make_room()
            self._policies[key] = load_subject(path)
        self._policies.move_to_end(key)
        return self._policies[key]

    def _make_room(self) -> None:
        """Before loading, so that there are never more than `size` in memory."""
        while len(self._policies) >= self._size:
            self._policies.popitem(last=False)
            gc.collect()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()


def _written_at(path: str) -> int:
    """When the weights were last written (a resumed run writes its checkpoints anew); 0 for a hub name."""
    folder = model_folder(path)
    files = folder.glob("*.safetensors") if folder else ()
    return max((file.stat().st_mtime_ns for file in files), default=0)
