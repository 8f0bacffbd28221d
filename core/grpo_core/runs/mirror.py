"""Copies of a run's whole checkpoints on another disk, such as a rented box's network volume.

Runs live on a local disk, since SQLite is not safe on a network's. A copy is there whole or not at all, beside the
run's settings, so that it can be evaluated, exported or trained on from where it lies.
"""

from __future__ import annotations

import logging
import queue
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from grpo_core.runs.checkpoints import complete_checkpoints
from grpo_core.runs.folder import RunFolder

_log = logging.getLogger(__name__)
OnTrouble = Callable[[str | None], None]


class Mirror:
    """Copies in a thread of its own, newest first; `close` waits for the last one.

    `on_trouble` is told what is in the way, and None once a copy has succeeded again: a mirror that fails costs the
    training nothing.
    """

    def __init__(self, folder: RunFolder, target: Path, keep: int, on_trouble: OnTrouble) -> None:
        self._folder = folder
        self._target = target / folder.id
        self._keep = keep
        self._on_trouble = on_trouble
        self._queue: queue.SimpleQueue[Path | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="mirror", daemon=True)
        self._thread.start()

    def copy(self, checkpoint: Path) -> None:
        """Ask for a copy of a whole checkpoint; returns at once."""
        self._queue.put(checkpoint)

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (checkpoint := self._queue.get()) is not None:
            try:
                self._copy(checkpoint)
            except OSError as error:
                _log.warning("%s was not copied to %s: %s", checkpoint.name, self._target, error)
                self._on_trouble(f"{checkpoint.name} could not be copied to {self._target}: {error.strerror or error}.")
            else:
                self._on_trouble(None)

    def _copy(self, checkpoint: Path) -> None:
        if not checkpoint.is_dir():
            return  # rotated away while another was being copied
        copies = self._target / "checkpoints"
        copies.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self._folder.config_file, self._target / self._folder.config_file.name)
        unfinished = copies / f".{checkpoint.name}.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(checkpoint, unfinished, copy_function=shutil.copyfile)
        shutil.rmtree(copies / checkpoint.name, ignore_errors=True)
        unfinished.rename(copies / checkpoint.name)
        for old in complete_checkpoints(copies)[self._keep :]:
            shutil.rmtree(old, ignore_errors=True)
