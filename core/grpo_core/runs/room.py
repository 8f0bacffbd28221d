"""Does a run have room on its disk to go on: for what it samples and for its next checkpoint?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from grpo_core.runs.checkpoints import complete_checkpoints
from grpo_core.runs.folder import RunFolder
from grpo_core.store.room import ENOUGH_FREE_BYTES, LEAST_FREE_BYTES, free_bytes

_MIB = 1024**2


class Room:
    """Watches the disk of one run. `free` says how many bytes are free in a folder (injected in tests)."""

    def __init__(self, folder: RunFolder, free: Callable[[Path], int] = free_bytes) -> None:
        self._folder = folder
        self._free = free
        self._short = False

    def complaint(self) -> str | None:
        """Why the run should wait, as a sentence for a person; None while there is room.

        Once there was too little it takes somewhat more to go on, so that a run does not stop and go.
        """
        least = LEAST_FREE_BYTES + self._checkpoint_bytes()
        wanted = least + (ENOUGH_FREE_BYTES - LEAST_FREE_BYTES) * self._short
        free = self._free(self._folder.path)
        self._short = free < wanted
        if not self._short:
            return None
        return (
            f"The disk is nearly full: {free // _MIB} MiB are free in {self._folder.path}, and the run waits for "
            f"{(least + ENOUGH_FREE_BYTES - LEAST_FREE_BYTES) // _MIB} MiB. Nothing is lost; it goes on by itself."
        )

    def _checkpoint_bytes(self) -> int:
        """The next checkpoint takes about as much as the last one did."""
        newest = complete_checkpoints(self._folder.checkpoints)[:1]
        return sum(path.stat().st_size for folder in newest for path in folder.rglob("*") if path.is_file())
