"""The end of a run's log, followed by a thread that posts its lines. Bounded, however long the log is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event

from textual.message import Message

from grpo_app.tui.messages import LogGrew

POLL_SECONDS = 0.5
FIRST_BYTES = 256 * 1024
"""Read of the log's end at first, and at most at once."""
LONGEST_LINE = 4_000


class LogTail:
    """Follows one file until `stop`; `run` belongs in a thread, everything else may be called from any.

    A line that is written over with carriage returns, as progress bars are, counts as its last writing only.
    """

    def __init__(self, path: Path, post: Callable[[Message], object]) -> None:
        self._path = path
        self._post = post
        self._stopped = Event()
        self._offset = 0
        self._rest = b""

    def stop(self) -> None:
        self._stopped.set()

    def run(self) -> None:
        while not self._stopped.is_set():
            grew = self.poll()
            if grew:
                self._post(grew)
            self._stopped.wait(POLL_SECONDS)

    def poll(self) -> LogGrew | None:
        """The whole lines that were added since the last poll; None if there are none."""
        try:
            size = self._path.stat().st_size
            anew = self._offset == 0 or size < self._offset or size - self._offset > FIRST_BYTES
            data = self._read(max(0, size - FIRST_BYTES) if anew else self._offset)
        except OSError:
            return None
        lines = self._whole_lines(data, anew)
        return LogGrew(lines, anew) if lines else None

    def _read(self, start: int) -> bytes:
        with self._path.open("rb") as file:
            file.seek(start)
            data = file.read(FIRST_BYTES)
        self._offset = start + len(data)
        return data

    def _whole_lines(self, data: bytes, anew: bool) -> list[str]:
        """What is not ended by a newline yet is kept for the next time, unless it is longer than a line may be."""
        *lines, self._rest = ((b"" if anew else self._rest) + data).split(b"\n")
        if len(self._rest) > LONGEST_LINE:
            lines, self._rest = [*lines, self._rest], b""
        return [_last_writing(line) for line in lines]


def _last_writing(line: bytes) -> str:
    return line.rstrip(b"\r").rpartition(b"\r")[2][:LONGEST_LINE].decode("utf-8", "replace")
