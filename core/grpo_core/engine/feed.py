"""Tokens as they are sampled: a streamer that TRL's generation feeds, and the thread that decodes and writes them.

The trainer's thread only puts token ids on a queue; decoding, writing and the heartbeat happen here. The heartbeat
says two things: that the process lives, and when the trainer's own thread last came to something.
"""

from __future__ import annotations

import copy
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import PreTrainedTokenizerBase
from transformers.generation.streamers import BaseStreamer

from grpo_core.engine.decoder import StreamDecoder
from grpo_core.runs.process import clock
from grpo_core.store import LiveFeedWriter
from grpo_core.store.live import Phase
from grpo_core.types import Problem, Split

TICK_SECONDS = 0.1
_log = logging.getLogger(__name__)
HEARTBEAT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _Begin:
    step: int
    split: Split
    problems: tuple[Problem, ...]
    num_generations: int


@dataclass(frozen=True, slots=True)
class _Finished:
    number: int
    ids: list[int]


_Message = _Begin | _Finished | list[int] | Phase | None


class TokenFeed:
    """Carries the tokens of a run's generations to its live feed, in a thread of its own."""

    def __init__(self, run_dir: Path, tokenizer: PreTrainedTokenizerBase, stop_ids: Sequence[int]) -> None:
        self._writer = LiveFeedWriter(run_dir)
        self._heartbeat = run_dir / "live" / "heartbeat"
        # Its own tokenizer: a fast one must not be used by two threads at once.
        self._decoder = StreamDecoder(copy.deepcopy(tokenizer), stop_ids)
        self._queue: queue.SimpleQueue[_Message] = queue.SimpleQueue()
        self._stirred_at = clock()
        self._complained = False
        self._thread = threading.Thread(target=self._work, name="token feed", daemon=True)
        self._thread.start()

    def begin(self, step: int, split: Split, problems: Sequence[Problem], num_generations: int) -> None:
        self._put(_Begin(step, split, tuple(problems), num_generations))

    def phase(self, phase: Phase) -> None:
        self._put(phase)

    def stir(self) -> None:
        """Call from the trainer's thread wherever it comes to something that is no token and no phase."""
        self._stirred_at = clock()

    def streamer(self) -> BaseStreamer:
        """What `generate(streamer=…)` takes: it skips the prompt and passes on one token of each stream at a time."""
        return _QueueStreamer(self._put)

    def _put(self, message: _Message) -> None:
        self.stir()
        self._queue.put(message)

    def finished(self, number: int, ids: list[int]) -> None:
        """A whole completion at once, from what does not tell its tokens one by one."""
        self._put(_Finished(number, ids))

    def close(self) -> None:
        self._put(None)
        self._thread.join()
        self._writer.close()

    def _work(self) -> None:
        running = True
        beaten = float("-inf")
        while running:
            try:
                if time.monotonic() - beaten > HEARTBEAT_SECONDS:
                    beaten = time.monotonic()
                    self._heartbeat.write_text(f"{clock():.3f} {self._stirred_at:.3f}")
                running = self._drain()
                self._write_added()
            except OSError as error:
                # The feed is a view of the present: without room for it the run goes on, and the feed when there is.
                self._complain(error)

    def _complain(self, error: OSError) -> None:
        if not self._complained:
            _log.warning("the live feed cannot be written: %s", error)
        self._complained = True

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

    def _take(self, message: _Begin | _Finished | list[int] | Phase) -> None:
        if isinstance(message, _Begin):
            self._write_added()
            self._decoder.begin(len(message.problems) * message.num_generations)
            self._writer.begin(message.step, message.split, message.problems, message.num_generations)
        elif isinstance(message, str):
            self._write_added()
            self._writer.phase(message)
        elif isinstance(message, _Finished):
            self._decoder.finish(message.number, message.ids)
        else:
            self._decoder.append(message)

    def _write_added(self) -> None:
        self._writer.add(*self._decoder.take())


class _QueueStreamer(BaseStreamer):
    """Passes sampled tokens on to a queue: `put` first gets the prompts (B, T), then one (B,) a token."""

    def __init__(self, pass_on: Callable[[list[int]], None]) -> None:
        self._pass_on = pass_on
        self._prompt_seen = False

    def put(self, value: torch.Tensor) -> None:
        if self._prompt_seen:
            self._pass_on(value.tolist())
        self._prompt_seen = True

    def end(self) -> None:
        """Nothing is held back, so there is nothing to flush."""
