"""Tokens as they are sampled: a streamer that TRL's generation feeds, and the thread that decodes and writes them.

The trainer's thread only puts token ids on a queue; decoding, writing and the heartbeat happen here.
"""

from __future__ import annotations

import copy
import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from transformers import PreTrainedTokenizerBase
from transformers.generation.streamers import BaseStreamer

from grpo_core.runs.process import clock
from grpo_core.store import LiveFeedWriter
from grpo_core.store.live import Phase
from grpo_core.types import Problem, Split

TICK_SECONDS = 0.1
HEARTBEAT_SECONDS = 1.0
_UNFINISHED = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class _Begin:
    step: int
    split: Split
    problems: tuple[Problem, ...]
    num_generations: int


@dataclass
class _Stream:
    """One completion being decoded: text is given out only up to the last whole character."""

    ids: list[int] = field(default_factory=list)
    decoded_from: int = 0
    given: int = 0
    ended: bool = False


class TokenFeed:
    """Carries the tokens of a run's generations to its live feed, in a thread of its own."""

    def __init__(self, run_dir: Path, tokenizer: PreTrainedTokenizerBase, stop_ids: Sequence[int]) -> None:
        self._writer = LiveFeedWriter(run_dir)
        self._heartbeat = run_dir / "live" / "heartbeat"
        # Its own tokenizer: a fast one must not be used by two threads at once.
        self._tokenizer = copy.deepcopy(tokenizer)
        self._stop_ids = frozenset(stop_ids)
        self._queue: queue.SimpleQueue[_Begin | list[int] | Phase | None] = queue.SimpleQueue()
        self._streams: list[_Stream] = []
        self._thread = threading.Thread(target=self._work, name="token feed", daemon=True)
        self._thread.start()

    def begin(self, step: int, split: Split, problems: Sequence[Problem], num_generations: int) -> None:
        self._queue.put(_Begin(step, split, tuple(problems), num_generations))

    def phase(self, phase: Phase) -> None:
        self._queue.put(phase)

    def streamer(self) -> BaseStreamer:
        """What `generate(streamer=…)` takes: it skips the prompt and passes on one token of each stream at a time."""
        return _QueueStreamer(self._queue)

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join()
        self._writer.close()

    def _work(self) -> None:
        beaten = 0.0
        while True:
            running = self._drain()
            self._write_added()
            if not running:
                return
            if time.monotonic() - beaten > HEARTBEAT_SECONDS:
                beaten = time.monotonic()
                self._heartbeat.write_text(f"{clock():.3f}")

    def _drain(self) -> bool:
        """Take what comes within a tick; False once there will be no more."""
        until = time.monotonic() + TICK_SECONDS
        while (left := until - time.monotonic()) > 0:
            try:
                message = self._queue.get(timeout=left)
            except queue.Empty:
                break
            if message is None:
                return False
            self._take(message)
        return True

    def _take(self, message: _Begin | list[int] | Phase) -> None:
        if isinstance(message, _Begin):
            self._write_added()
            self._streams = [_Stream() for _ in range(len(message.problems) * message.num_generations)]
            self._writer.begin(message.step, message.split, message.problems, message.num_generations)
        elif isinstance(message, str):
            self._write_added()
            self._writer.phase(message)
        elif len(message) == len(self._streams):
            self._append(message)

    def _append(self, tokens: list[int]) -> None:
        for stream, token in zip(self._streams, tokens, strict=True):
            if not stream.ended:
                stream.ids.append(token)

    def _write_added(self) -> None:
        waiting = [(number, stream) for number, stream in enumerate(self._streams) if stream.ids and not stream.ended]
        fresh = [(number, stream) for number, stream in waiting if len(stream.ids) > stream.given]
        if not fresh:
            return
        before = self._decode([stream.ids[stream.decoded_from : stream.given] for _, stream in fresh])
        now = self._decode([stream.ids[stream.decoded_from :] for _, stream in fresh])
        added, ended = {}, []
        for (number, stream), old, new in zip(fresh, before, now, strict=True):
            stream.ended = stream.ids[-1] in self._stop_ids
            if stream.ended:
                ended.append(number)
            if stream.ended or not new.endswith(_UNFINISHED):
                stream.decoded_from, stream.given = stream.given, len(stream.ids)
                if len(new) > len(old):
                    added[number] = new[len(old) :]
        self._writer.add(added, ended)

    def _decode(self, ids: list[list[int]]) -> list[str]:
        return self._tokenizer.batch_decode(ids, skip_special_tokens=True)


class _QueueStreamer(BaseStreamer):
    """Passes sampled tokens on to a queue: `put` first gets the prompts (B, T), then one (B,) a token."""

    def __init__(self, target: queue.SimpleQueue) -> None:
        self._target = target
        self._prompt_seen = False

    def put(self, value: torch.Tensor) -> None:
        if self._prompt_seen:
            self._target.put(value.tolist())
        self._prompt_seen = True

    def end(self) -> None:
        """Nothing is held back, so there is nothing to flush."""
