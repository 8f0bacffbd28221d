"""The live feed: the tokens of the groups being sampled, from the trainer to any number of readers.

One small file a generation, `live/feed.jsonl`: a header line, then a line every tick with what was added to each
stream. A new generation replaces the file, so the feed never grows and a slow reader costs the trainer nothing. It is
a view of the present, not a record: what matters is stored when it is scored.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, Literal

from grpo_core.types import Problem, Split

FEED_NAME = "feed.jsonl"
_SIGNATURE_BYTES = 32
"""The header's first bytes hold the generation's number, which tells one file from the next."""
Phase = Literal["sample", "judge", "update", "evaluate", "idle"]


@dataclass(frozen=True, slots=True)
class LiveBatch:
    """What is being made right now. `streams[g][i]` is completion i of problem g so far; `ended` likewise.

    `number` grows with every generation, also across a resume: a new number means that the streams began anew.
    """

    number: int
    step: int
    split: Split
    phase: Phase
    problems: tuple[Problem, ...]
    streams: tuple[tuple[str, ...], ...] = ()
    ended: tuple[tuple[bool, ...], ...] = ()


class LiveFeedWriter:
    """Writes the feed of one run; use from one thread."""

    def __init__(self, run_dir: Path) -> None:
        self._folder = run_dir / "live"
        self._folder.mkdir(exist_ok=True)
        self._file: BinaryIO | None = None
        self._number = time.time_ns() // 1_000_000

    def begin(self, step: int, split: Split, problems: Sequence[Problem], num_generations: int) -> None:
        """A new generation: `num_generations` empty streams for each problem."""
        self.close()
        self._number += 1
        header = {
            "number": self._number,
            "step": step,
            "split": split,
            "num_generations": num_generations,
            "problems": [problem.to_json() for problem in problems],
        }
        temporary = self._folder / f"{FEED_NAME}.new"
        file = temporary.open("wb", buffering=0)
        file.write(_line(header))
        temporary.replace(self._folder / FEED_NAME)
        self._file = file

    def add(self, added: Mapping[int, str], ended: Sequence[int] = ()) -> None:
        """Text added to streams, by their place in the batch (problem × num_generations + completion)."""
        if self._file and (added or ended):
            self._file.write(_line({"+": [[stream, text] for stream, text in added.items()], "end": list(ended)}))

    def phase(self, phase: Phase) -> None:
        if self._file:
            self._file.write(_line({"phase": phase}))

    def close(self) -> None:
        if self._file:
            self._file.close()
            self._file = None


@dataclass
class LiveFeedReader:
    """Follows the feed of one run; `poll` returns the present batch, or None while there is none."""

    run_dir: Path
    batch: LiveBatch | None = None
    _signature: bytes = b""
    _offset: int = 0
    _rest: bytes = b""
    _num_generations: int = 0
    _streams: list[str] = field(default_factory=list)
    _ended: list[bool] = field(default_factory=list)

    def poll(self) -> LiveBatch | None:
        """Read what was added since the last poll. `batch` stays the same object when nothing was."""
        try:
            file = (self.run_dir / "live" / FEED_NAME).open("rb")
        except FileNotFoundError:
            return self.batch
        with file:
            self._restart_if_replaced(file.read(_SIGNATURE_BYTES))
            file.seek(self._offset)
            data = file.read()
        if data:
            self._offset += len(data)
            self._apply(data)
        return self.batch

    def _restart_if_replaced(self, signature: bytes) -> None:
        if signature != self._signature:
            self._signature, self._offset, self._rest = signature, 0, b""

    def _apply(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._apply_line(json.loads(line))
        if lines and self.batch:
            size = self._num_generations
            self.batch = replace(
                self.batch,
                streams=tuple(tuple(self._streams[i : i + size]) for i in range(0, len(self._streams), size)),
                ended=tuple(tuple(self._ended[i : i + size]) for i in range(0, len(self._ended), size)),
            )

    def _apply_line(self, line: dict[str, Any]) -> None:
        if "number" in line:
            self._begin(line)
        elif "phase" in line and self.batch:
            self.batch = replace(self.batch, phase=line["phase"])
        else:
            for stream, text in line.get("+", ()):
                self._streams[stream] += text
            for stream in line.get("end", ()):
                self._ended[stream] = True

    def _begin(self, header: dict[str, Any]) -> None:
        problems = tuple(Problem(**{**data, "steps": tuple(data["steps"])}) for data in header["problems"])
        self._num_generations = header["num_generations"]
        self._streams = [""] * (len(problems) * self._num_generations)
        self._ended = [False] * len(self._streams)
        self.batch = LiveBatch(header["number"], header["step"], header["split"], "sample", problems)


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"
