"""Capture: every group of a GRPO trainer, with what its completions earned and what they weighed, into the run's store.

One mechanism for our own trainer and for anybody's (`watch`): the methods that TRL calls on itself are shadowed on the
instance, each calling the original. The trainer's thread only collects and hands over; storing happens in a thread of
its own. What this costs the trainer is measured and logged as `capture/seconds` a step.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from accelerate.utils import gather_object
from trl import GRPOTrainer

from grpo_core.engine.backends.unsloth_loss import watched_loss
from grpo_core.engine.feed import TokenFeed
from grpo_core.engine.rows import (
    Place,
    Sampled,
    Scored,
    gather_sampled,
    judge_all,
    loss_statistics,
    make_groups,
    make_updates,
    sampling_statistics,
    token_statistics,
)
from grpo_core.engine.step_figures import StepFigures
from grpo_core.engine.texts import problem_of, text_of
from grpo_core.engine.vllm_feed import engine_of, finished_completions
from grpo_core.rewards import Scorer
from grpo_core.store import BackgroundWriter, RunWriter
from grpo_core.store.live import Phase
from grpo_core.types import FinishReason, Split

CAPTURE_METRIC = "capture/seconds"


@dataclass(frozen=True, slots=True)
class Recorder:
    """Where captured things go: the store behind its thread, and the live feed. None of it on ranks other than 0."""

    writer: RunWriter
    background: BackgroundWriter
    feed: TokenFeed

    def close(self) -> None:
        self.feed.close()
        self.background.close()
        self.writer.close()


class Capture:
    """The capture of one trainer. `attach` it before `train()`.

    `scorer` judges completions where problems have a gold answer; `weighs` says that advantages are rank weights.
    """

    def __init__(
        self,
        trainer: GRPOTrainer,
        recorder: Recorder | None,
        scorer: Scorer | None,
        *,
        weighs: bool = False,
        gold_column: str | None = None,
    ) -> None:
        self._trainer = trainer
        self._recorder = recorder
        self._scorer = scorer
        self._weighs = weighs
        self._gold_column = gold_column
        self._next_group = recorder.writer.next_group_id() if recorder else 1
        self._first_group = self._next_group
        self._sampled: Sampled | None = None
        self._rewards: torch.Tensor | None = None
        self._loss_inputs: dict[str, Any] | None = None
        self._statistics: list[torch.Tensor] = []
        self._from_sampling: list[torch.Tensor] = []
        self._filled: set[int] = set()
        self._generating: Split | None = None
        self._seconds = 0.0
        self.figures = StepFigures()

    def attach(self) -> None:
        """Shadow the trainer's methods; training itself is left as it was."""
        for name, wrap in {
            "_generate_single_turn": self._around_sampling,
            "_calculate_rewards": self._around_rewards,
            "_generate_and_score_completions": self._around_generation,
            "compute_loss": self._around_loss,
            "_get_per_token_logps_and_entropies": self._around_logprobs,
        }.items():
            setattr(self._trainer, name, wrap(getattr(self._trainer, name)))

    def take_seconds(self) -> float:
        """What capture cost the trainer's thread since this was last asked."""
        seconds, self._seconds = self._seconds, 0.0
        return seconds

    def allocate_group_ids(self, count: int) -> int:
        """The first of `count` new ids, for groups that somebody else stores (an evaluation)."""
        first = self._next_group
        self._next_group += count
        return first

    def fill_from_update(self) -> None:
        """Hand over what the loss found out about the completions since the last time (call at a step's end)."""
        self.figures.enter(None)
        with self._timed():
            parts = self._statistics or self._from_sampling
            rows = gather_object([row for part in parts for row in part.tolist()])
            self._statistics.clear()
            self._from_sampling.clear()
            fresh = [row for row in rows if int(row[0]) not in self._filled]
            self._filled.update(int(row[0]) for row in fresh)
            if self._recorder and fresh:
                first, size = self._first_group, self._trainer.num_generations
                writer = self._recorder.writer
                self._recorder.background.submit(lambda: writer.fill_completions(make_updates(fresh, first, size)))

    @contextmanager
    def _timed(self) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self._seconds += time.perf_counter() - start

    @property
    def _split(self) -> Split:
        return self._generating or self._mode

    @property
    def _mode(self) -> Split:
        return "train" if self._trainer.model.training else "eval"

    @property
    def _step(self) -> int:
        """The step that a training group is sampled for; the finished steps that an evaluation is of."""
        return int(self._trainer.state.global_step) + (self._split == "train")

    @property
    def _num_generations(self) -> int:
        training = self._split == "train"
        return self._trainer.num_generations if training else self._trainer.num_generations_eval

    def _around_sampling(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def generate_single_turn(*args: Any, **kwargs: Any) -> Any:
            with self._streaming():
                return original(*args, **kwargs)

        return generate_single_turn

    @contextmanager
    def _streaming(self) -> Iterator[None]:
        """Shadow the model's `generate` so that it streams its tokens; vLLM tells completions as they end."""
        if self._recorder is None:
            yield
            return
        if self._trainer.use_vllm:
            llm = engine_of(self._trainer)
            with finished_completions(llm, self._recorder.feed.finished) if llm else nullcontext():
                yield
            return
        model = self._trainer.accelerator.unwrap_model(self._trainer.model_wrapped)
        own, original, streamer = model.__dict__.get("generate"), model.generate, self._recorder.feed.streamer()

        def generate(*args: Any, **kwargs: Any) -> Any:
            return original(*args, **{"streamer": streamer, **kwargs})

        model.generate = generate
        try:
            yield
        finally:
            del model.generate
            if own is not None:
                model.generate = own

    def _around_rewards(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def calculate_rewards(inputs: Any, prompts: Any, completions: Any, completion_ids_list: Any) -> Any:
            with self._timed():
                problems = [problem_of(row, self._gold_column) for row in inputs]
                self._sampled = Sampled(
                    problems,
                    [text_of(completion) for completion in completions],
                    [len(ids) for ids in completion_ids_list],
                    [self._finish_reason(ids) for ids in completion_ids_list],
                )
                self._phase("judge")
            self._rewards = original(inputs, prompts, completions, completion_ids_list)
            return self._rewards

        return calculate_rewards

    def _around_generation(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def generate_and_score_completions(inputs: Any) -> Any:
            with self._whole_generation():
                return generated(inputs)

        def generated(inputs: Any) -> Any:
            with self._timed():
                self._begin_feed(inputs)
            output = original(inputs)
            with self._timed():
                # Shuffled along with the batch: so the loss's rows can be told apart.
                offset = self._trainer.accelerator.process_index * len(inputs)
                output["sample_idx"] = torch.arange(offset, offset + len(inputs), device=output["advantages"].device)
                # For a loss that asks nothing of single completions, as Unsloth's.
                self._from_sampling = sampling_statistics(output) if self._split == "train" else []
                self._store(output["advantages"], output.get("importance_weights"))
                self._phase("update")
            return output

        return generate_and_score_completions

    @contextmanager
    def _whole_generation(self) -> Iterator[None]:
        """Its split is the one that it began in: Unsloth's model is in training mode while an evaluation is judged."""
        self._generating = self._mode
        try:
            yield
        finally:
            self._generating = None

    def _around_loss(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def compute_loss(model: Any, inputs: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
            self._loss_inputs = inputs
            try:
                with watched_loss(self._trainer, self._take_logprobs):
                    return original(model, inputs, *args, **kwargs)
            finally:
                self._loss_inputs = None

        return compute_loss

    def _around_logprobs(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def per_token_logps_and_entropies(*args: Any, **kwargs: Any) -> Any:
            result = original(*args, **kwargs)
            inputs = self._loss_inputs
            if inputs is not None and kwargs.get("compute_entropy") and "sample_idx" in inputs:
                with self._timed():
                    self._statistics.append(token_statistics(inputs, result[0], result[1]))
            return result

        return per_token_logps_and_entropies

    def _take_logprobs(self, logprobs: torch.Tensor, mask: torch.Tensor) -> None:
        if self._loss_inputs is not None and "sample_idx" in self._loss_inputs:
            with self._timed():
                self._statistics.append(loss_statistics(self._loss_inputs, logprobs, mask))

    def _begin_feed(self, inputs: Sequence[dict[str, Any]]) -> None:
        if self._split == "train":
            self.figures.enter("sample")
        if self._recorder:
            problems = [problem_of(row, self._gold_column) for row in inputs[:: self._num_generations]]
            self._recorder.feed.begin(self._step, self._split, problems, self._num_generations)

    def _phase(self, phase: Phase) -> None:
        if self._split == "train":
            self.figures.enter(phase)
        if self._recorder:
            self._recorder.feed.phase(phase)

    def _finish_reason(self, ids: Sequence[int]) -> FinishReason:
        return "stop" if ids and ids[-1] in self._trainer.eos_token_ids else "length"

    def _store(self, advantages: torch.Tensor, importance: torch.Tensor | None) -> None:
        """Gather what all processes sampled, and hand the groups over."""
        assert self._sampled is not None
        assert self._rewards is not None
        scored = Scored(
            sampled=gather_sampled(self._sampled),
            reward_names=self._trainer.reward_func_names,
            reward_weights=self._trainer.reward_weights.tolist(),
            rewards=self._rewards.tolist(),
            advantages=self._trainer.accelerator.gather(advantages).tolist(),
            weighs=self._weighs and self._split == "train",
            importance=None if importance is None else self._trainer.accelerator.gather(importance).tolist(),
        )
        size = self._num_generations
        place = Place(self.allocate_group_ids(len(scored.advantages) // size), self._step)
        if self._split == "train":
            self._first_group = place.first_group
            self._filled.clear()
            self.figures.count_tokens(scored.sampled.token_counts)
        if self._recorder:
            split = self._split
            self._recorder.background.submit(lambda: self._write(scored, place, split, size))

    def _write(self, scored: Scored, place: Place, split: Split, size: int) -> None:
        """In the store's thread: judge and commit."""
        assert self._recorder is not None
        groups = make_groups(scored, judge_all(scored.sampled, self._scorer), place, split, size)
        self._recorder.writer.add_groups(groups)
        if split == "train":
            self.figures.add_groups(groups)
